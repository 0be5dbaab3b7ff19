import { createColors } from 'picocolors';
import { draftMarking, hasColors } from '../lib/cli/drafts.js';
import type { Verdict } from '../lib/correct/index.js';
import type { Segment } from '../lib/index.js';

const colored = hasColors(process.stdout);
const { bold, dim, green, red } = createColors(colored);
const { mark, legend } = draftMarking(colored);

const margin = '  ';
const indented = (text: string) => text.replaceAll('\n', `\n${margin}`);
/** Long lines are broken where there is a space. */
const wrapped = (text: string) => text.replaceAll(/(?=.{97})(.{1,96}) /g, '$1\n');
let isInLine = false;
let isSaying = false;

/** A paragraph of a conversation. */
function paragraph(text: string): void {
	process.stdout.write(`${isInLine ? '\n' : ''}\n${margin}${indented(text)}`);
	isInLine = true;
	isSaying = false;
}

function line(text = ''): void {
	process.stdout.write(`${isInLine ? '\n' : ''}${text}\n`);
	isInLine = false;
	isSaying = false;
}

/** Standard output, as the demo writes on it. */
export const page = {
	legend,
	line,
	title(text: string) {
		line();
		line(bold(text));
	},
	/** What the model is told. */
	asked: (text: string) => paragraph(dim(wrapped(`> ${text}`))),
	/** More of what the model says. */
	generated(segments: readonly Segment[]) {
		if (!isSaying) paragraph('');
		isSaying = true;
		process.stdout.write(indented(mark(segments)));
	},
	verdict: ({ outcome, message = '' }: Verdict) =>
		paragraph(outcome === 'pass' ? green(`✓ ${message}`) : red(`✗ ${message}`)),
};
