import { circumstances } from '../support.js';
import type { DepthCost, Measured } from './measure.js';

/** A heading and the lines under it. */
export interface Table {
	head: string[];
	rows: string[][];
}

const ms = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const ratio = (part: number, whole: number) => (whole > 0 ? (part / whole).toFixed(2) : '–');

/** Milliseconds by rows with ratios to the single row: k rows ÷ 1 row. */
export function passTable({ passes }: DepthCost): Table {
	const single = passes.find(({ rows }) => rows === 1);
	return {
		head: ['rows', 'ms', '÷ 1 row', 'llama.cpp, ms', '÷ its 1 row', 'ours ÷ its 1 row', 'times faster'],
		rows: passes.map((pass) => [
			String(pass.rows),
			ms(pass.ms),
			ratio(pass.ms, single?.ms ?? 0),
			ms(pass.upstreamMs),
			ratio(pass.upstreamMs, single?.upstreamMs ?? 0),
			ratio(pass.ms, single?.upstreamMs ?? 0),
			ratio(pass.upstreamMs, pass.ms),
		]),
	};
}

/** All depths in one table: milliseconds with the ratio to the single row behind them. */
export function summaryTable({ depths }: Measured): Table {
	const sizes = depths[0]?.passes.map(({ rows }) => rows) ?? [];
	const line = (label: string, { depth, passes }: DepthCost, key: 'ms' | 'upstreamMs') => {
		const single = passes.find(({ rows }) => rows === 1)?.[key] ?? 0;
		const cells = passes.map((pass) =>
			pass.rows === 1 ? ms(pass[key]) : `${ms(pass[key])} (${ratio(pass[key], single)})`,
		);
		return [String(depth), label, ...cells];
	};
	return {
		head: ['context', 'kernels', ...sizes.map((rows) => (rows === 1 ? '1 row, ms' : `${rows} rows`))],
		rows: depths.flatMap((depth) => [line('llama.cpp', depth, 'upstreamMs'), line('ours', depth, 'ms')]),
	};
}

/** Milliseconds by operation, ours and llama.cpp's, for each number of rows; what takes less than 1 % is summed up. */
export function opTable({ passes, ops = [] }: DepthCost): Table {
	const sizes = passes.map(({ rows }) => rows);
	const find = (op: string, rows: number) => ops.find((one) => one.op === op && one.rows === rows);
	const most = Math.max(...sizes);
	const whole = ops.filter(({ rows }) => rows === most).reduce((sum, one) => sum + one.upstreamMs, 0);
	const names = [...new Set(ops.map(({ op }) => op))].sort(
		(a, b) => (find(b, most)?.upstreamMs ?? 0) - (find(a, most)?.upstreamMs ?? 0),
	);
	const isLarge = (name: string) =>
		Math.max(find(name, most)?.upstreamMs ?? 0, find(name, most)?.ms ?? 0) >= 0.01 * whole;
	const row = (label: string, some: readonly string[]) => [
		label,
		...sizes.map((rows) => {
			const sum = (key: 'ms' | 'upstreamMs') =>
				some.reduce((total, name) => total + (find(name, rows)?.[key] ?? 0), 0);
			return `${ms(sum('ms'))} / ${ms(sum('upstreamMs'))}`;
		}),
	];
	const small = names.filter((name) => !isLarge(name));
	return {
		head: ['ms, ours / llama.cpp', ...sizes.map((rows) => (rows === 1 ? '1 row' : `${rows} rows`))],
		rows: [
			...names.filter(isLarge).map((name) => row(name, [name])),
			...(small.length > 0 ? [row('all else', small)] : []),
			row('sum', names),
		],
	};
}

export function prefillTable({ prefill }: Measured): Table {
	return {
		head: ['prompt, tokens', 'ms', 'llama.cpp, ms', 'times faster'],
		rows: prefill.map((one) => [
			String(one.tokens),
			ms(one.ms),
			ms(one.upstreamMs),
			ratio(one.upstreamMs, one.ms),
		]),
	};
}

/** How it was measured, in a line. */
export function described(measured: Measured): string {
	const { processor, flashAttention } = measured;
	const [threads, ...more] = circumstances(measured);
	return [
		threads,
		`code for ${{ native: 'this processor', avx512: 'AVX-512 VNNI', avx2: 'AVX2' }[processor]}`,
		`flash attention ${flashAttention}`,
		...more,
	].join(', ');
}

export function markdown({ head, rows }: Table): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
