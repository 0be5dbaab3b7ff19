import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { JavaScriptSandbox } from '../../../lib/correct/sandbox/sandbox.js';
import { threadOptions } from '../../../lib/correct/sandbox/sandbox-thread.js';

// V8 ends the whole process where a thread's heap cannot take one large allocation. What a program prints must never
// get there.

const sandbox = new JavaScriptSandbox({ timeoutMs: 30_000 });
afterAll(() => sandbox.dispose());

describe('a program that prints', () => {
	test.each([
		[
			'arrays of nothing',
			'console.log(new Array(31e6), new Array(4e9))',
			'[ <31000000 empty items> ] [ <4000000000 empty items> ]\n',
		],
		[
			'one large map',
			'console.log(new Map(Array.from({ length: 2e5 }, (_, i) => [i, i])))',
			/^Map\(200000\) \{\n.*199900 more items\n\}\n$/s,
		],
		[
			'the same large set again and again',
			'const s = new Set(Array.from({ length: 1e5 }, (_, i) => i)); console.log(Array(15).fill(s))',
			/^\[\n {2}Set\(100000\) \{.*\[Set\(100000\)\]\n\]\n$/s,
		],
		[
			'the same large bytes again and again',
			'console.log(Array(20).fill(new Uint8Array(2 ** 24)))',
			/^\[\n {2}Uint8Array\(16777216\) \[.*\[Uint8Array\(16777216\)\]\n\]\n$/s,
		],
		[
			'numbers of eight bytes',
			'console.log([new Float64Array(2 ** 22), new Float64Array(2 ** 22)].concat(Array(9).fill(new Float64Array(2 ** 22))))',
			/\[Float64Array\(4194304\)\]\n\]\n$/,
		],
		[
			'buffers',
			'console.log(...Array(20).fill(new ArrayBuffer(2 ** 24)))',
			/ \[ArrayBuffer\(16777216\)\]\n$/,
		],
	])('%s gets them as Node prints them, or in short', async (_, code, printed) => {
		const { stopped, error, ...result } = await sandbox.run(code);
		expect({ stopped, error }).toEqual({});
		if (typeof printed === 'string') expect(result.printed).toBe(printed);
		else expect(result.printed).toMatch(printed);
	});

	test('more values in a line than anybody reads has printed too much', async () => {
		await using wide = new JavaScriptSandbox({ outputLimit: 2 ** 22, timeoutMs: 60_000, memoryMiB: 256 });
		const code = 'console.log(Array(12).fill(Array(100).fill(Array(100).fill(1))))';
		expect(await wide.run(code)).toMatchObject({ stopped: 'output' });
		// In a text, marks are only marks.
		expect((await wide.run("console.log('[,'.repeat(1e6))")).printed).toHaveLength(2e6 + 1);
	});

	test('what it throws, however long, is cut before it is taken out', async () => {
		await using large = new JavaScriptSandbox({ memoryMiB: 512, timeoutMs: 60_000 });
		const rss = process.memoryUsage.rss();
		for (const thrown of ["new Error('x'.repeat(5e7))", "'x'.repeat(5e7)"])
			expect((await large.run(`throw ${thrown}`)).error?.text).toMatch(/^(Error: )?x{60000}/);
		expect(await large.run("throw ['x'.repeat(5e7)]")).toMatchObject({
			error: { text: 'a value that cannot be shown' },
		});
		const stack = "Object.assign(new Error('no'), { stack: 'x'.repeat(5e7) })";
		expect(await large.run(`throw ${stack}`)).toMatchObject({ error: { text: 'Error: no' } });
		expect(process.memoryUsage.rss() - rss).toBeLessThan(2 ** 29);
	});
});

/** Encoded values, each with so many brackets and commas, as many as one line may have. */
function many(marks: number, item: (i: number) => string): string {
	return `[${Array.from({ length: Math.floor((2 ** 18 - 100) / marks) }, (_, i) => item(i)).join(',')}]`;
}

test.each([
	['classes', many(6, (i) => `["object","","A${i}",[]]`)],
	['functions', many(8, (i) => `["function","class","A${i}","B${i}",[]]`)],
	['properties', `[["object","",null,${many(4, (i) => `["k${i}",1]`)}]]`],
	['promises', many(8, (i) => `["promise","rejected",1,"P${i}",[]]`)],
	[
		'items that are not shown',
		`[["map",500000,[],null,[]],["set",500000,[],null,[]],${many(12, (i) => `["object","","A${i}",[]]`).slice(1)}`,
	],
	[
		'forged sizes',
		'[["map",1e300,[],null,[]],["set","x",[],null,[]],["typed","Float64Array",1e15,[],null,[]],["buffer",null,[],null,[]]]',
	],
	['depth', `[${'["object","",null,[["a",'.repeat(2e4)}1${']]]'.repeat(2e4)}]`],
])('the thread stays within its memory with a line full of %s', async (_, workerData) => {
	const { flags, flagsToLoad, ...options } = threadOptions(2 ** 16);
	const values = new URL('../../../lib/correct/sandbox/sandbox-values.js', import.meta.url);
	const code = `
		import { getHeapStatistics } from 'node:v8';
		import { parentPort, workerData } from 'node:worker_threads';
		import { formatLine } from ${JSON.stringify(values)};
		const line = formatLine(workerData);
		parentPort.postMessage({ length: line?.length, heap: getHeapStatistics().total_heap_size });
	`;
	const worker = new Worker(code, { ...options, eval: true, execArgv: ['--input-type=module'], workerData });
	const [{ length, heap }] = await once(worker, 'message');
	expect(length).toBeGreaterThan(0);
	// Half of what it may have.
	expect(heap).toBeLessThan(2 ** 28);
	await worker.terminate();
});
