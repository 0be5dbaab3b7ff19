/** What a benchmark measured, as `results.json` has it. Times are milliseconds, memory is bytes. */
export interface BenchResults {
	readonly format: 1;
	/** The command line that made it, or those of its parts, with `&&` between them. */
	readonly command: string;
	/** When it began and ended, by ISO 8601. */
	readonly began: string;
	readonly ended: string;
	readonly machine: BenchMachine;
	readonly model: BenchModel;
	/** Whether tokens were the model's own greedy choices, or those of a given answer. */
	readonly choices: 'own' | 'recorded';
	readonly threads: number;
	/** The most tokens of an answer. */
	readonly tokens: number;
	/** The tasks of each workload and context length; each arm decodes each of them once. */
	readonly runs: number;
	readonly arms: readonly ArmFacts[];
	readonly cells: readonly Cell[];
	/** What was asked for and not measured. */
	readonly skipped: readonly Skipped[];
	/** Whether the texts of other arms are those of plain decoding; empty where choices are recorded. */
	readonly agreement: readonly Agreement[];
}

export interface BenchMachine {
	readonly cpu: string;
	readonly processors: number;
	readonly memoryBytes: number;
	/** The operating system and its version. */
	readonly system: string;
	readonly node: string;
	/** The system's load, on average over a minute; null where the system has none. */
	readonly load: { readonly before: number; readonly after: number } | null;
	/** The processors that other programs kept busy while arms decoded, on average; null or missing where it is not known. */
	readonly others?: number | null;
}

export interface BenchModel {
	/** The name of the file, without its folder. */
	readonly file: string;
	readonly name: string;
	readonly architecture: string;
	readonly parameters: number;
	readonly quantisation: string;
	readonly bytes: number;
}

/** The version of a program that does not say it. */
export const unknownVersion = 'unknown';

/** A program that decodes, with its settings. */
export interface ArmFacts {
	/** Such as `reprise` or `llama-server:ngram-mod@tuned -fa off`. */
	readonly name: string;
	readonly version: string;
	/** What was set, as a command line or options. */
	readonly settings: string;
	/** The code for a kind of processor that it chose; null where it does not say. */
	readonly cpuVariant: string | null;
	/** From the start of the process to the first token of a short prompt, once for each start. */
	readonly startMs: readonly number[];
	/** The most memory that its process had after that token, and after all runs; null where the system does not say. */
	readonly memory: { readonly started: number; readonly peak: number } | null;
}

/** The runs of one arm on the tasks of one workload and context length. */
export interface Cell {
	readonly workload: string;
	/** The context length that was asked for, in tokens. */
	readonly context: number;
	readonly arm: string;
	/** One for each task, in their order. */
	readonly samples: readonly Sample[];
}

export interface Sample {
	readonly promptTokens: number;
	readonly outputTokens: number;
	/** From the request to the first token. */
	readonly firstTokenMs: number;
	/** From the first token to the last. */
	readonly decodeMs: number;
	/** From the request to the last token. */
	readonly totalMs: number;
	/** The processor's time of the arm's process in the whole run; null where it does not say. */
	readonly processorMs: number | null;
	/** The passes after the prompt's; null where the arm does not say. */
	readonly passes: number | null;
	readonly drafted: number | null;
	readonly accepted: number | null;
	/** Where the time of all passes went; null where the arm does not say. */
	readonly parts: PassParts | null;
	/** Passes by their rows; null where the arm does not say. */
	readonly passesByRows: ReadonlyArray<{ rows: number; passes: number; meanMs: number }> | null;
}

export interface PassParts {
	readonly drafting: number;
	readonly compute: number;
	readonly sampling: number;
	/** All that is none of the others. */
	readonly bookkeeping: number;
}

export interface Skipped {
	readonly workload: string;
	readonly context: number;
	/** null: all of them. */
	readonly arm: string | null;
	readonly reason: string;
}

/** An arm's texts beside those of plain decoding of the same tasks. */
export interface Agreement {
	readonly arm: string;
	readonly texts: number;
	readonly equal: number;
	/** Texts whose first different token was a choice between two that were nearly as good. */
	readonly nearTies: number;
	/** Texts that differ elsewhere. */
	readonly different: number;
}
