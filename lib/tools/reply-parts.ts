import { createHash } from 'node:crypto';
import type { ToolCall } from '../chat-message.js';
import { awaitNative } from '../errors.js';
import type { NativeReplyFormat } from '../native-chat.js';
import type { ReplyDelta, ToolCallDelta } from './reply.js';

/** What a text says, told apart. */
export interface Parts {
	/** How the content began before the text. */
	readonly begun: string;
	readonly content: string;
	readonly reasoning: string;
	readonly toolCalls: readonly ToolCall[];
}

/** The parts of a text without a format: all of it is content. */
const plain = (begun: string, content: string): Parts => ({ begun, content, reasoning: '', toolCalls: [] });

/** Reads the text of one round as it comes. */
export class PartsReader {
	/** Null where the text is all content. */
	readonly #format: () => NativeReplyFormat | null;
	readonly #begun: string;
	readonly #seed: string;
	#said: Parts;

	/**
	 * `begun`: how the reply began before the text, which a format reads too. `seed`: where formats name no calls,
	 * their names follow from it.
	 */
	constructor(format: () => NativeReplyFormat | null, begun: string, seed: string) {
		this.#format = format;
		this.#begun = begun;
		this.#seed = seed;
		this.#said = plain(begun, '');
	}

	/** The parts of the text; `partial`: more may follow. */
	async parts(text: string, partial: boolean): Promise<Parts> {
		const format = this.#format();
		if (!format || text === '') return plain(this.#begun, text);
		const read = JSON.parse(await awaitNative(() => format.parse(text, partial))) as Omit<Parts, 'begun'>;
		// What a reply began with may have been a part of another kind.
		const begun = read.content.startsWith(this.#begun) ? this.#begun : '';
		return {
			begun,
			content: read.content.slice(begun.length),
			reasoning: read.reasoning,
			toolCalls: read.toolCalls.map((call, index) => this.#named(call, index)),
		};
	}

	/** What the text adds to what was told of it before. */
	async delta(text: string, partial: boolean): Promise<ReplyDelta> {
		const now = await this.parts(text, partial);
		const content = added(this.#said.content, now.content);
		const reasoning = added(this.#said.reasoning, now.reasoning);
		const calls = now.toolCalls.flatMap((call, index) => this.#callDelta(call, index));
		this.#said = {
			begun: now.begun,
			content: this.#said.content + content,
			reasoning: this.#said.reasoning + reasoning,
			toolCalls: this.#told,
		};
		return {
			...(content !== '' && { content }),
			...(reasoning !== '' && { reasoning }),
			...(calls.length > 0 && { toolCalls: calls }),
		};
	}

	readonly #told: ToolCall[] = [];

	#callDelta(call: ToolCall, index: number): ToolCallDelta[] {
		if (call.name === '' || index > this.#told.length) return [];
		const before = this.#told[index];
		const more = added(before?.arguments ?? '', call.arguments);
		if (before && more === '') return [];
		this.#told[index] = { ...call, arguments: (before?.arguments ?? '') + more };
		return before ? [{ index, arguments: more }] : [{ index, id: call.id, name: call.name, arguments: more }];
	}

	#named(call: ToolCall, index: number): ToolCall {
		if (call.id !== '' && this.#told[index] === undefined) return call;
		const id = this.#told[index]?.id ?? callName(`${this.#seed}:${index}`);
		return { ...call, id };
	}
}

/** A parser may take back the end of what it made of a partial text; that is told once it goes on from there. */
function added(before: string, now: string): string {
	return now.startsWith(before) ? now.slice(before.length) : '';
}

/** Nine letters and digits, which all templates take. */
function callName(seed: string): string {
	const digest = createHash('sha256').update(seed).digest();
	return Array.from(digest.subarray(0, 9), (byte) => (byte % 36).toString(36)).join('');
}
