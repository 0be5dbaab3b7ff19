import { describe, expect, test } from 'vitest';
import type { Arm, ArmOptions } from '../../lib/bench/arm.js';
import { LiveArm } from '../../lib/bench/live-arm.js';
import { measureGroup, rotated } from '../../lib/bench/measure-group.js';
import { OtherPrograms } from '../../lib/bench/other-programs.js';
import type { Task } from '../../lib/bench/task.js';
import { sample } from '../support/bench.js';

const controller = new AbortController();
const options: ArmOptions = {
	model: 'model.gguf',
	threads: 1,
	contextLength: 512,
	tokens: 4,
	choices: 'recorded',
	firstPrompt: Int32Array.of(1),
	signal: controller.signal,
};

const task = (seed: number): Task => ({
	workload: 'rewrite',
	context: 256,
	seed,
	prompt: Int32Array.of(seed),
	answer: Int32Array.of(1, 2),
});
const group = { workload: 'rewrite', context: 256, tasks: [0, 1, 2].map(task) };

/** An arm that says in `log` what it does, and gives `output` for a task. */
function scripted(name: string, log: string[], output: (task: Task) => Int32Array | Error): Arm {
	return {
		name,
		refusal: () => null,
		start: async () => {
			log.push(`${name} starts`);
			return {
				pid: process.pid,
				startMs: 5,
				version: '1',
				settings: 'none',
				cpuVariant: null,
				prepare: async () => void log.push(`${name} gets ready`),
				run: async (one) => {
					const said = output(one);
					log.push(`${name} ${one.seed}`);
					if (said instanceof Error) throw said;
					return { sample: sample({ promptTokens: one.seed }), output: said };
				},
				stop: async () => void log.push(`${name} stops`),
			};
		},
	};
}

const live = (arm: Arm) => new LiveArm(arm, options, new OtherPrograms());

const wholeAnswer = ({ answer }: Task) => answer ?? new Int32Array();

describe('arms', () => {
	test('take turns, and whoever was first at one task is last at the next', async () => {
		const log: string[] = [];
		const arms = ['a', 'b'].map((name) => live(scripted(name, log, wholeAnswer)));
		const told: string[] = [];
		const { cells, skipped } = await measureGroup(group, arms, (arm) => told.push(arm), options.signal);
		expect(log.filter((line) => /\d/.test(line))).toEqual(['a 0', 'b 0', 'b 1', 'a 1', 'a 2', 'b 2']);
		expect(told).toHaveLength(6);
		expect(skipped).toEqual([]);
		expect(cells.map(({ arm, samples }) => [arm, samples.map(({ promptTokens }) => promptTokens)])).toEqual([
			['a', [0, 1, 2]],
			['b', [0, 1, 2]],
		]);
	});

	test('get ready before each run, and know the time of their processor', async () => {
		const log: string[] = [];
		const arm = live(scripted('a', log, wholeAnswer));
		const { cells } = await measureGroup(group, [arm], () => {}, options.signal);
		expect(log).toEqual(['a starts', ...[0, 1, 2].flatMap((seed) => ['a gets ready', `a ${seed}`])]);
		const times = cells[0]?.samples.map(({ processorMs }) => processorMs) ?? [];
		expect(times.every((ms) => (process.platform === 'linux' ? ms !== null && ms >= 0 : ms === null))).toBe(
			true,
		);
	});

	test.each([
		['break down', () => new Error('out of luck'), 'out of luck'],
		['say less than they were given', () => Int32Array.of(1), '1 of the 2 tokens'],
	])('that %s are left out of the group with the reason, and start again', async (_, output, reason) => {
		const log: string[] = [];
		const arms = [
			live(scripted('a', log, (one) => (one.seed === 1 ? output() : wholeAnswer(one)))),
			live(scripted('b', log, wholeAnswer)),
		];
		const { cells, skipped, outputs } = await measureGroup(group, arms, () => {}, options.signal);
		expect(cells.map(({ arm }) => arm)).toEqual(['b']);
		expect([...outputs.keys()]).toEqual(['b']);
		expect(skipped).toMatchObject([{ workload: 'rewrite', context: 256, arm: 'a' }]);
		expect(skipped[0]?.reason).toContain(reason);
		expect(log).not.toContain('a 2');
		const again = await measureGroup({ ...group, tasks: [task(7)] }, arms, () => {}, options.signal);
		expect(again.cells.map(({ arm }) => arm)).toEqual(['a', 'b']);
		expect(log.filter((line) => line === 'a starts')).toHaveLength(2);
		expect(arms[0]?.facts?.startMs).toEqual([5, 5]);
	});

	test('do not go on once the benchmark is aborted', async () => {
		const abort = new AbortController();
		const arm = live(
			scripted('a', [], () => {
				abort.abort();
				return new Error('killed');
			}),
		);
		await expect(measureGroup(group, [arm], () => {}, abort.signal)).rejects.toMatchObject({
			code: 'ABORTED',
		});
	});
});

test('rotation keeps all arms', () => {
	expect([0, 1, 2, 3].map((by) => rotated(['a', 'b', 'c'], by).join(''))).toEqual([
		'abc',
		'bca',
		'cab',
		'abc',
	]);
	expect(rotated([], 1)).toEqual([]);
});
