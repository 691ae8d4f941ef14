import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../api/openapi/document';
import { routes } from '../api/routes';

/** Writes the OpenAPI document to the file that is named; the types of the client are made of it. */
const [file = ''] = process.argv.slice(2);
writeFileSync(file, `${JSON.stringify(openApiDocument(routes), null, 2)}\n`);
