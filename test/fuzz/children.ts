import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What came of a case: what the child said, or how the child ended in its midst. */
export type CaseOutcome = { said: string } | { ended: string };

export interface ChildrenOptions {
	/** A script in test/fuzz that calls `serveCases`. */
	script: string;
	args: string[];
	/** Numbers of the cases, each of which stands for all that is done in it. */
	cases: readonly number[];
	/** Cases that one child handles. */
	batch?: number;
	/** Children at once. */
	processes?: number;
	/** A case that takes longer hangs. */
	secondsPerCase?: number;
	onOutcome?: (number: number, outcome: CaseOutcome) => void;
}

/**
 * Runs the cases in child processes, many in each. A child that a signal ends or that hangs costs its present
 * case alone: a new child goes on after it.
 */
export async function runInChildren(options: ChildrenOptions): Promise<Map<number, CaseOutcome>> {
	const { cases, batch = 50, processes = 1, onOutcome } = options;
	const outcomes = new Map<number, CaseOutcome>();
	const batches: number[][] = [];
	for (let at = 0; at < cases.length; at += batch) batches.push(cases.slice(at, at + batch));
	const settle = (number: number, outcome: CaseOutcome) => {
		outcomes.set(number, outcome);
		onOutcome?.(number, outcome);
	};
	const work = async () => {
		for (let rest = batches.shift(); rest; rest = batches.shift()) {
			while (rest.length > 0) {
				const before = rest.length;
				await runChild(options, rest, settle);
				rest = rest.filter((number) => !outcomes.has(number));
				if (rest.length === before) throw new Error(`${options.script} ended before it began with a case`);
			}
		}
	};
	await Promise.all(Array.from({ length: processes }, work));
	return outcomes;
}

function runChild(
	{ script, args, secondsPerCase = 60 }: ChildrenOptions,
	cases: number[],
	settle: (number: number, outcome: CaseOutcome) => void,
): Promise<void> {
	const path = fileURLToPath(new URL(script, import.meta.url));
	const child = spawn(process.execPath, ['--import', 'tsx', path, ...args, '--cases', ...cases.map(String)], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let present: number | null = null;
	let hangs = false;
	let timer: NodeJS.Timeout | undefined;
	let unread = '';
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		errors = (errors + text).slice(-2000);
	});
	const restart = () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			hangs = true;
			child.kill('SIGKILL');
		}, secondsPerCase * 1000);
	};
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		restart();
		const lines = (unread + text).split('\n');
		unread = lines.pop() ?? '';
		for (const line of lines) {
			const [word, number, ...rest] = line.split(' ');
			if (word === 'begin') present = Number(number);
			if (word !== 'end') continue;
			settle(Number(number), { said: rest.join(' ') });
			present = null;
		}
	});
	restart();
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (status, signal) => {
			clearTimeout(timer);
			const how = hangs ? `hangs for ${secondsPerCase} s` : (signal ?? `status ${status}`);
			if (present !== null) settle(present, { ended: `${how}: ${errors.trim()}` });
			resolve();
		});
	});
}

/** Counts of what the children said, most often first. */
export function tally(outcomes: Map<number, CaseOutcome>): string {
	const counts = new Map<string, number>();
	for (const outcome of outcomes.values()) {
		const kind = 'said' in outcome ? (outcome.said.split(':', 1)[0] ?? '') : 'ENDED';
		counts.set(kind, (counts.get(kind) ?? 0) + 1);
	}
	return [...counts]
		.sort(([, a], [, b]) => b - a)
		.map(([kind, count]) => `${count} ${kind}`)
		.join(', ');
}

/** The cases in whose midst a child ended, and how. */
export function ended(outcomes: Map<number, CaseOutcome>): Array<[number, string]> {
	return [...outcomes].flatMap(([number, outcome]) => ('ended' in outcome ? [[number, outcome.ended]] : []));
}
