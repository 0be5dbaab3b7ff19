import type { Sample } from './results.js';
import type { Task } from './task.js';

/** Ours, and what all others are compared with: one token at a time on the same library. */
export const ours = 'reprise';
export const floor = 'plain';

/** Arms of one program: `--against` names them together by the family's name. */
export interface ArmFamily {
	readonly name: string;
	/** All of them; `peers` is the folder of the programs that are not part of this package. */
	arms(peers: string): readonly Arm[];
}

/** A program that decodes, with its settings. */
export interface Arm {
	/** Such as `reprise` or `llama-server:ngram-mod@tuned -fa off`. */
	readonly name: string;
	/**
	 * Why it cannot do this, such as `takes no recorded choices`; null where it can. Throws `OPTION_INVALID`, with how
	 * to get it, where its program is not there.
	 */
	refusal(options: ArmOptions): string | null;
	/**
	 * Starts a process that lives until `stop()`, has it decode the first token of `options.firstPrompt`, and resolves
	 * once that token is there. Rejects where the process ends before, with its last words.
	 */
	start(options: ArmOptions): Promise<RunningArm>;
}

/** What all arms of a benchmark have in common. */
export interface ArmOptions {
	/** The path of the GGUF file. */
	readonly model: string;
	/** For prompts and for decoding. */
	readonly threads: number;
	/** Room for the longest prompt, its answer, and drafts beyond. */
	readonly contextLength: number;
	/**
	 * Where that is more than the model was trained for: the key of its metadata that says for how much, such as
	 * `llama.context_length`. Programs that hold to it must be told otherwise.
	 */
	readonly trainedLengthKey?: string;
	/** The most tokens of an answer. */
	readonly tokens: number;
	/** Whether the model chooses, or each task's `answer` does. */
	readonly choices: 'own' | 'recorded';
	/** A short prompt. Its first token says that the arm is ready; where choices are recorded, any token may come. */
	readonly firstPrompt: Int32Array;
	readonly signal: AbortSignal;
}

export interface RunningArm {
	/** Whose memory and processor time are read. `prepare()` may change it. */
	readonly pid: number;
	/** From just before the process was made to the first token of `firstPrompt`. */
	readonly startMs: number;
	/** What the report says of it, as in `ArmFacts`. */
	readonly version: string;
	readonly settings: string;
	readonly cpuVariant: string | null;
	/** Comes before each run and is no part of what is measured, neither its time nor its processor's. */
	prepare?(): Promise<void>;
	/**
	 * Decodes a task from an empty cache, greedily, until the model ends its turn or the budget is used up; where the task
	 * has an answer, all of it. Rejects where the process ended or its answer is not what was asked for.
	 */
	run(task: Task): Promise<ArmRun>;
	/** Ends the process; it does not reject. */
	stop(): Promise<void>;
}

/** What came of one run. The runner adds the processor's time. */
export interface ArmRun {
	readonly sample: Omit<Sample, 'processorMs'>;
	/** What was decoded. A token that ends the turn may be there or not. */
	readonly output: Int32Array;
}
