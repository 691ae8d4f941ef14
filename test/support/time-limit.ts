// Real servers on a loaded machine: generous, because only a hang should end a test this way. Jest
// heeds `testTimeout` for the whole run only, not for one project, hence this file.
jest.setTimeout(60_000);
