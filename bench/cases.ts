import { add, suite } from 'benny';
import { printTable } from './summary.js';

/** What runs again and again, and the cells of its row, from the median of its seconds and the margin of error in percent. */
export interface Case {
	name: string;
	run(): void | Promise<void>;
	row(seconds: number, margin: number): Array<string | number>;
}

/** Runs each case for so many seconds, three times at least, and prints a table. */
export async function measureCases(
	name: string,
	head: string[],
	cases: readonly Case[],
	{ seconds }: { seconds: number },
): Promise<void> {
	const added = cases.map((one) => add(one.name, inTurn(one), { maxTime: seconds, minSamples: 3 }));
	const { results } = await suite(name, ...added);
	const rows = cases.flatMap((one, index) => {
		const result = results[index];
		return result ? [one.row(result.details.median, result.margin)] : [];
	});
	console.log(name);
	printTable(head, rows);
}

/** Calls of an asynchronous case wait for one another: to see what it returns, benny calls it twice at once. */
function inTurn(one: Case): () => void | Promise<void> {
	let last: Promise<void> | undefined;
	return () => {
		if (last) {
			last = last.then(() => one.run());
			return last;
		}
		const running = one.run();
		if (running) last = running;
		return running;
	};
}
