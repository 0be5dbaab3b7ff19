import type { RecordedModel } from '../../lib/bench/recorded-model.js';
import type { GenerateOptions, Metrics } from '../../lib/index.js';
import type { DecodeParts } from '../../lib/native-metrics.js';
import { Choices } from '../../test/support/choices.js';
import type { Case } from '../cases.js';
import { editedCopy, repetitiveTokens } from '../token-stream.js';

const answerTokens = 24;
const contextTokens = 256;

/** Counts, and milliseconds of the parts of passes. */
export interface Sums extends DecodeParts {
	readonly passes: number;
	readonly passTokens: number;
	readonly drafted: number;
}

export interface Recorded {
	readonly case: Case;
	dispose(): Promise<void>;
}

/** Where the time of passes goes, in generations whose answers are edited copies of passages of the context. */
export async function decodingCase(
	{ name, options, threads }: { name: string; options: GenerateOptions; threads: number },
	recorded: RecordedModel,
	cells: (sums: Sums) => Array<string | number>,
): Promise<Recorded> {
	const { vocabularySize } = recorded.model.info;
	const session = await recorded.createSession({ contextLength: 1024, threads });
	const context = repetitiveTokens(contextTokens, vocabularySize, 1);
	const choices = new Choices(1, 'answers');
	const all: Metrics[] = [];
	return {
		case: {
			name,
			run: async () => {
				all.push(
					await session.say(context, editedCopy(context, answerTokens, vocabularySize, choices), options),
				);
			},
			row: () => {
				// The first run computes the prompt and warms up.
				return [name, ...cells(sumOf(all.slice(1)))];
			},
		},
		dispose: () => session[Symbol.asyncDispose](),
	};
}

function sumOf(all: readonly Metrics[]): Sums {
	const sum = (figure: (one: Metrics) => number) => all.reduce((total, one) => total + figure(one), 0);
	return {
		passes: sum(({ passes }) => passes),
		passTokens: sum(({ passTokens }) => passTokens),
		drafted: sum(({ drafted }) => drafted),
		drafting: sum(({ decodeMsByPart }) => decodeMsByPart.drafting),
		compute: sum(({ decodeMsByPart }) => decodeMsByPart.compute),
		sampling: sum(({ decodeMsByPart }) => decodeMsByPart.sampling),
		bookkeeping: sum(({ decodeMsByPart }) => decodeMsByPart.bookkeeping),
	};
}
