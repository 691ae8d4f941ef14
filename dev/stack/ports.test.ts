import { once } from 'node:events';
import net from 'node:net';
import { choosePorts } from './ports';

test('ports differ from one another, and an earlier one is kept while it is free', async () => {
  const first = await choosePorts(['a', 'b', 'c']);
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(await choosePorts(['a', 'b', 'c'], first)).toEqual(first);
});

test('an earlier port that somebody took is given up', async () => {
  const { a } = await choosePorts(['a']);
  const server = net.createServer().listen(a, '127.0.0.1');
  await once(server, 'listening');
  expect((await choosePorts(['a'], { a })).a).not.toBe(a);
  server.close();
});
