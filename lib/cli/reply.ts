import { createColors } from 'picocolors';
import type { Generation, GenerationResult, Metrics, Segment } from '../index.js';
import type { PrintFlags } from './arguments.js';
import { draftMarking, hasColors } from './drafts.js';
import { StatusLine } from './status-line.js';

/** Explains the marks of `--show-drafts`, on standard error as all that is not the text. */
export function printLegend(flags: PrintFlags): void {
	if (flags.showDrafts && !flags.json)
		process.stderr.write(`${draftMarking(hasColors(process.stdout)).legend}\n`);
}

/** Shows a generation as it comes, and its numbers after it; with `--json` one object when it has ended. */
export async function printReply(generation: Generation, flags: PrintFlags): Promise<GenerationResult> {
	if (flags.json) {
		const segments: Segment[] = [];
		for await (const chunk of generation) segments.push(...chunk.segments);
		const result = await generation.result;
		process.stdout.write(`${JSON.stringify(toJson(result, flags.showDrafts ? segments : undefined))}\n`);
		return result;
	}
	const status = new StatusLine();
	const { mark } = draftMarking(hasColors(process.stdout));
	try {
		for await (const { text, segments, metrics } of generation) {
			status.clear();
			process.stdout.write(flags.showDrafts ? mark(segments) : text);
			if (metrics.passes > 0)
				status.show(`${metrics.outputTokens} tokens · ${metrics.tokensPerSecond.toFixed(1)} tokens/s`);
		}
	} finally {
		status.clear();
	}
	const result = await generation.result;
	process.stdout.write('\n');
	const { dim } = createColors(hasColors(process.stderr));
	process.stderr.write(`${dim(summary(result))}\n`);
	return result;
}

/** Text, end and metrics side by side, each by its API name. */
function toJson(result: GenerationResult, segments: Segment[] | undefined): object {
	const { text, finishReason, stopString, seed, metrics } = result;
	return { text, finishReason, stopString, seed, ...metrics, ...(segments && { segments }) };
}

const endings: Record<GenerationResult['finishReason'], string> = {
	end: 'the model ended its turn',
	stop: 'ended by a stop string',
	length: 'ended by --max-tokens',
	context: 'the context is full: raise --context-length',
	aborted: 'interrupted',
	toolCalls: 'the model calls a tool',
};

function summary({ finishReason, metrics }: GenerationResult): string {
	return [
		`${metrics.outputTokens} tokens, ${metrics.tokensPerSecond.toFixed(1)} tokens/s`,
		`${metrics.tokensPerPass.toFixed(2)} tokens per pass`,
		draftSummary(metrics),
		`first token after ${metrics.timeToFirstTokenMs.toFixed(0)} ms`,
		endings[finishReason],
	].join(' · ');
}

function draftSummary({ drafted, accepted, acceptedBySource }: Metrics): string {
	const sources = Object.entries(acceptedBySource)
		.filter(([, count]) => count > 0)
		.map(([source, count]) => `${source} ${count}`);
	return `${accepted} of ${drafted} drafted accepted${sources.length > 0 ? ` (${sources.join(', ')})` : ''}`;
}
