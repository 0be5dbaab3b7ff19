import { type FileHandle, open } from 'node:fs/promises';
import type { RunOf } from '../correct/evaluation/run-tasks.js';
import type { CorrectionEvent } from '../correct/events.js';
import { isRepriseError, messageOf, RepriseError } from '../errors.js';
import { readLines } from '../lines.js';
import { filePath } from '../options.js';

interface Line {
	task: string;
	sample: number;
	strategy: string;
	allowance: string;
	event: CorrectionEvent;
}

/** What the runs of a log have in common, by name: plain JSON. Runs under other conditions are other runs. */
export type LogHeader = Readonly<Record<string, unknown>>;

/**
 * A file whose first line is its header, with every event of every run, one a line; runs that it holds
 * already are gone on from.
 */
export class CorrectLog {
	readonly #file: FileHandle;
	readonly #path: string;
	readonly #earlier = new Map<string, CorrectionEvent[]>();
	#written: Promise<unknown> = Promise.resolve();

	private constructor(file: FileHandle, path: string) {
		this.#file = file;
		this.#path = path;
	}

	/**
	 * Rejects with `OPTION_INVALID` where the file is no such log or cannot be written, and with `LOG_MISMATCH`
	 * where its header is another.
	 */
	static async open(path: string, header: LogHeader): Promise<CorrectLog> {
		const file = await open(filePath(path, '--log'), 'a+').catch((error: NodeJS.ErrnoException) => {
			throw new RepriseError('OPTION_INVALID', `The log ${path} cannot be opened: ${error.message}`);
		});
		const log = new CorrectLog(file, path);
		try {
			await log.#read(path, JSON.stringify({ log: header }));
		} catch (error) {
			await file.close();
			throw isRepriseError(error) ? error : log.#unwritable(error);
		}
		return log;
	}

	logOf = (of: RunOf): readonly CorrectionEvent[] => this.#earlier.get(keyOf(of)) ?? [];

	write = (event: CorrectionEvent, of: RunOf): void => {
		const { task, sample, strategy, allowance } = of;
		const line: Line = { task: task.id, sample, strategy, allowance, event };
		this.#written = this.#written.then(() => this.#file.appendFile(`${JSON.stringify(line)}\n`));
		// A failure to write is met when the log is closed.
		this.#written.catch(() => {});
	};

	/** Rejects with `OPTION_INVALID` where the disk has refused an event. */
	async close(): Promise<void> {
		try {
			await this.#written;
		} catch (error) {
			throw this.#unwritable(error);
		} finally {
			await this.#file.close();
		}
	}

	#unwritable(error: unknown): RepriseError {
		return new RepriseError(
			'OPTION_INVALID',
			`The log ${this.#path} cannot be written (${messageOf(error)}); what it holds can be gone on from`,
		);
	}

	/** A last line without an end was being written when its process ended: it goes. */
	async #read(path: string, header: string): Promise<void> {
		const whole = await this.#wholeBytes();
		let number = 0;
		for await (const text of readLines(path, () => {}, whole)) {
			number++;
			const place = `${path}, line ${number}`;
			if (number === 1) requireHeader(text, header, place);
			else {
				const { event, ...of } = parse(text, place);
				const key = keyOf({ ...of, task: { id: of.task } });
				this.#earlier.set(key, [...(this.#earlier.get(key) ?? []), event]);
			}
		}
		if (number === 0) await this.#requireBegun(path, header);
		await this.#file.truncate(whole);
		if (number === 0) await this.#file.appendFile(`${header}\n`);
	}

	/** Bytes up to the end of the last line that has one; what is cut short may end inside a character. */
	async #wholeBytes(): Promise<number> {
		const part = Buffer.alloc(2 ** 16);
		let { size: end } = await this.#file.stat();
		while (end > 0) {
			const start = Math.max(0, end - part.length);
			const { bytesRead } = await this.#file.read(part, 0, end - start, start);
			const at = part.subarray(0, bytesRead).lastIndexOf(0x0a);
			if (at >= 0) return start + at + 1;
			end = start;
		}
		return 0;
	}

	/** A file without a whole line is empty or has the beginning of a header, and is not another's. */
	async #requireBegun(path: string, header: string): Promise<void> {
		const { size } = await this.#file.stat();
		const begun = Buffer.alloc(size);
		await this.#file.read(begun, 0, size, 0);
		if (!Buffer.from(header).subarray(0, size).equals(begun)) throw noEvent(`${path}, line 1`);
	}
}

/** What is written differently in two headers is named. */
function requireHeader(text: string, header: string, place: string): void {
	if (text === header) return;
	let known: LogHeader | undefined;
	try {
		known = (JSON.parse(text) as { log: LogHeader }).log;
	} catch {}
	if (typeof known !== 'object' || known === null) throw noEvent(place);
	const { log: wanted } = JSON.parse(header) as { log: LogHeader };
	const differs = [...new Set([...Object.keys(wanted), ...Object.keys(known)])]
		.map((name) => [name, JSON.stringify(known[name]), JSON.stringify(wanted[name])])
		.filter(([, before, now]) => before !== now)
		.map(([name, before = 'none', now = 'none']) => `${name} ${before}, not ${now}`);
	throw new RepriseError(
		'LOG_MISMATCH',
		`${place}: the log was written with ${differs.join('; ')}; go on with the same, or pass --log another file`,
	);
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
	throw noEvent(place);
}

function noEvent(place: string): RepriseError {
	return new RepriseError('OPTION_INVALID', `${place} is no event of a log; pass --log another file`);
}
