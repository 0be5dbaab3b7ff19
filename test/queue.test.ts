import { describe, expect, test } from 'vitest';
import { Queue, readToEnd } from '../lib/queue.js';

async function readAll<T>(values: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const value of values) all.push(value);
	return all;
}

describe('a queue', () => {
	test('gives out its values in their order, those that came before their reader too', async () => {
		const queue = Queue.ofValues<number>();
		queue.push(1);
		queue.push(2);
		const read = readAll(queue);
		await new Promise(setImmediate);
		queue.push(3);
		queue.end();
		expect(await read).toEqual([1, 2, 3]);
	});

	test('gives each value to one of its readers, and ends for all of them', async () => {
		const queue = Queue.ofValues<number>();
		const reads = [readAll(queue), readAll(queue)];
		for (const value of [1, 2, 3, 4]) {
			await new Promise(setImmediate);
			queue.push(value);
		}
		queue.end();
		expect((await Promise.all(reads)).flat().sort()).toEqual([1, 2, 3, 4]);
	});

	test('gives out what its values were made into while they waited', async () => {
		let sum: number | undefined;
		const queue = new Queue<number, string>({
			add: (value) => {
				sum = (sum ?? 0) + value;
			},
			take: () => {
				const taken = sum === undefined ? undefined : `${sum}`;
				sum = undefined;
				return taken;
			},
		});
		queue.push(1);
		queue.push(2);
		queue.end();
		expect(await readAll(queue)).toEqual(['3']);
	});
});

describe('what is read to its end', () => {
	const underWay = (result: Promise<unknown>) => ({ result, aborts: 0, abort: () => void work.aborts++ });
	let work: ReturnType<typeof underWay>;

	test('ends when the result is there', async () => {
		const queue = Queue.ofValues<number>();
		let settle = () => {};
		work = underWay(new Promise<void>((resolve) => (settle = resolve)));
		let ended = false;
		const read = readAll(readToEnd(queue, work)).finally(() => {
			ended = true;
		});
		queue.push(1);
		queue.end();
		await new Promise(setImmediate);
		expect(ended).toBe(false);
		settle();
		expect(await read).toEqual([1]);
	});

	test('throws what the work failed with, after the values before it', async () => {
		const queue = Queue.ofValues<number>();
		const failed = Promise.reject(new Error('the disk is full'));
		failed.catch(() => {});
		work = underWay(failed);
		queue.push(1);
		queue.end();
		const seen: number[] = [];
		const reading = (async () => {
			for await (const value of readToEnd(queue, work)) seen.push(value);
		})();
		await expect(reading).rejects.toThrow('the disk is full');
		expect(seen).toEqual([1]);
	});

	test('is aborted by a reader who leaves early, and waits for the work to end', async () => {
		const queue = Queue.ofValues<number>();
		let settle = () => {};
		work = underWay(new Promise<void>((resolve) => (settle = resolve)));
		queue.push(1);
		queue.push(2);
		let left = false;
		const reading = (async () => {
			for await (const value of readToEnd(queue, work)) if (value === 1) break;
			left = true;
		})();
		await new Promise(setImmediate);
		expect([work.aborts, left]).toEqual([1, false]);
		settle();
		await reading;
		expect(left).toBe(true);
	});
});
