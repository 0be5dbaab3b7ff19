/** One line of a straight-line program: `const name = left operator right;` or `const name = left;`. */
export interface Line {
	name: string;
	left: string | number;
	operator?: Operator;
	right?: string | number;
}

export type Operator = '+' | '-' | '*' | '/';
export const operators: readonly Operator[] = ['+', '-', '*', '/'];

export function renderLine({ name, left, operator, right }: Line): string {
	return `const ${name} = ${left}${operator ? ` ${operator} ${right}` : ''};`;
}

/** A program that prints the value of its last line, as a fenced block. */
export function renderProgram(lines: readonly Line[]): string {
	return `\`\`\`js\n${lines.map(renderLine).join('\n')}\nconsole.log(${lines.at(-1)?.name});\n\`\`\``;
}

/** What the program prints: a number, or NaN where a name is used before its line. */
export function runLines(lines: readonly Line[]): number {
	const values = new Map<string, number>();
	const value = (operand: string | number) =>
		typeof operand === 'number' ? operand : (values.get(operand) ?? Number.NaN);
	let last = Number.NaN;
	for (const { name, left, operator, right = 0 } of lines) {
		const [a, b] = [value(left), value(right)];
		last = !operator
			? a
			: operator === '+'
				? a + b
				: operator === '-'
					? a - b
					: operator === '*'
						? a * b
						: a / b;
		values.set(name, last);
	}
	return last;
}
