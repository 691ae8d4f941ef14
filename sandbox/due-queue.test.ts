import { DueQueue } from './due-queue';

describe('what is due later', () => {
  it('comes out in due order, ties as they went in, and nothing before its time', () => {
    const queue = new DueQueue();
    const done: string[] = [];
    const times = [7, 3, 9, 3, 1, 8, 3, 2, 7, 0, 5];
    for (const [index, dueMs] of times.entries()) {
      queue.add({ dueMs, run: () => done.push(`${dueMs}:${index}`) });
    }
    for (let due = queue.take(7); due !== undefined; due = queue.take(7)) due.run();
    expect(done).toEqual(['0:9', '1:4', '2:7', '3:1', '3:3', '3:6', '5:10', '7:0', '7:8']);
    expect(queue.nextMs).toBe(8);
    queue.clear();
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
});
