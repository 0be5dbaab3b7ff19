import Table from 'cli-table3';

export function median(numbers: readonly number[]): number {
	const sorted = [...numbers].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function printTable(head: string[], rows: Array<Array<string | number>>): void {
	const table = new Table({ head, style: { head: [], border: [], compact: true } });
	table.push(...rows);
	console.log(table.toString());
}
