import { type FileHandle, open } from 'node:fs/promises';
import type { CorrectionEvent } from '../correct/events.js';
import type { RunOf } from '../correct/run-tasks.js';
import { RepriseError } from '../errors.js';
import { readLines } from '../lines.js';

interface Line {
	task: string;
	sample: number;
	strategy: string;
	allowance: string;
	event: CorrectionEvent;
}

/** A file with every event of every run, one a line; runs that it holds already are gone on from. */
export class EventLog {
	readonly #file: FileHandle;
	readonly #earlier = new Map<string, CorrectionEvent[]>();
	#written: Promise<unknown> = Promise.resolve();

	private constructor(file: FileHandle) {
		this.#file = file;
	}

	/** Rejects with `OPTION_INVALID` where the file is no such log or cannot be written. */
	static async open(path: string): Promise<EventLog> {
		const file = await open(path, 'a+').catch((error: NodeJS.ErrnoException) => {
			throw new RepriseError('OPTION_INVALID', `The log ${path} cannot be opened: ${error.message}`);
		});
		const log = new EventLog(file);
		try {
			await log.#read(path);
		} catch (error) {
			await file.close();
			throw error;
		}
		return log;
	}

	logOf = (of: RunOf): readonly CorrectionEvent[] => this.#earlier.get(keyOf(of)) ?? [];

	write = (event: CorrectionEvent, of: RunOf): void => {
		const { task, sample, strategy, allowance } = of;
		const line: Line = { task: task.id, sample, strategy, allowance, event };
		this.#written = this.#written.then(() => this.#file.write(`${JSON.stringify(line)}\n`));
		// A failure to write is met when the log is closed.
		this.#written.catch(() => {});
	};

	/** Rejects where the disk has refused an event. */
	async close(): Promise<void> {
		try {
			await this.#written;
		} finally {
			await this.#file.close();
		}
	}

	/** A last line without an end was being written when its process ended: it goes. */
	async #read(path: string): Promise<void> {
		const { size } = await this.#file.stat();
		let whole = 0;
		let number = 0;
		for await (const text of readLines(path)) {
			number++;
			whole += Buffer.byteLength(text) + 1;
			if (whole > size) {
				await this.#file.truncate(whole - Buffer.byteLength(text) - 1);
				return;
			}
			const { event, ...of } = parse(text, `${path}, line ${number}`);
			const key = keyOf({ ...of, task: { id: of.task } });
			this.#earlier.set(key, [...(this.#earlier.get(key) ?? []), event]);
		}
	}
}

function keyOf({
	task,
	sample,
	strategy,
	allowance,
}: Omit<RunOf, 'task' | 'allowance'> & {
	task: { id: string };
	allowance: string;
}): string {
	return JSON.stringify([task.id, sample, strategy, allowance]);
}

function parse(text: string, place: string): Line {
	try {
		const line = JSON.parse(text) as Line;
		if (typeof line.task === 'string' && typeof line.event.type === 'string') return line;
	} catch {}
	throw new RepriseError('OPTION_INVALID', `${place} is no event of a log; pass --log another file`);
}
