import type { TokenLogprobs } from '../../logprobs.js';
import type { ReplyDelta, ToolCallDelta } from '../../tools/reply.js';
import { chatLogprobs } from '../logprobs.js';
import { newId } from '../service.js';
import { PendingLogprobs } from './pending-logprobs.js';

type Logprobs = ReturnType<typeof chatLogprobs>['content'];

/** What an event says, without its place in the stream. */
export interface ItemEvent {
	readonly type: `response.${string}`;
	readonly [field: string]: unknown;
}

/** An item that is being written. */
interface OpenItem {
	/** The events that add to it, with what was said so far. */
	add(text: string, logprobs: Logprobs): ItemEvent;
	/** The events that end it, but the last. */
	end(): ItemEvent[];
	/** The item as it is. */
	item(status: Status): object;
}

/** What is written: `reasoning`, `message`, or the call with this index. */
type Writing = 'reasoning' | 'message' | number;

type Status = 'in_progress' | 'completed' | 'incomplete';

/**
 * The items of a response, made of what is added to a reply: reasoning, then a text, then calls. Each change is told
 * as the event that OpenAI's API has for it.
 */
export class OutputItems {
	readonly #items: object[] = [];
	readonly #logprobs = new PendingLogprobs();
	#open: OpenItem | undefined;
	#writing: Writing | undefined;

	/** Adds to the reply, and returns what has happened. */
	add({ reasoning, content, toolCalls = [] }: ReplyDelta, logprobs: readonly TokenLogprobs[]): ItemEvent[] {
		const events: ItemEvent[] = [];
		this.#logprobs.add(logprobs);
		if (reasoning) {
			this.#logprobs.take(reasoning);
			events.push(...this.#write('reasoning', reasoningItem, reasoning));
		}
		if (content) {
			const own = chatLogprobs(this.#logprobs.take(content)).content;
			events.push(...this.#write('message', messageItem, content, own));
		}
		for (const call of toolCalls)
			events.push(...this.#write(call.index, (place) => callItem(place, call), call.arguments));
		return events;
	}

	/** Ends the last item; a reply that said nothing has an empty message. */
	end(status: Status): ItemEvent[] {
		const events = this.#writing === undefined ? this.#begin('message', messageItem) : [];
		return [...events, ...this.#close(status)];
	}

	/** The items that have ended. */
	get items(): readonly object[] {
		return this.#items;
	}

	/** Adds to what is written, or begins it as the next item. */
	#write(what: Writing, open: (place: number) => Opened, text = '', logprobs: Logprobs = []): ItemEvent[] {
		const events = this.#writing === what ? [] : this.#begin(what, open);
		if (text !== '' && this.#open) events.push(this.#open.add(text, logprobs));
		return events;
	}

	#begin(what: Writing, open: (place: number) => Opened): ItemEvent[] {
		const ended = this.#close('completed');
		const output_index = this.#items.length;
		const { item, events } = open(output_index);
		this.#open = item;
		this.#writing = what;
		const added = {
			type: 'response.output_item.added',
			output_index,
			item: item.item('in_progress'),
		} as const;
		return [...ended, added, ...events];
	}

	#close(status: Status): ItemEvent[] {
		const open = this.#open;
		if (!open) return [];
		this.#open = undefined;
		const item = open.item(status);
		const output_index = this.#items.push(item) - 1;
		return [...open.end(), { type: 'response.output_item.done', output_index, item }];
	}
}

/** An item, and the events that follow its beginning. */
interface Opened {
	readonly item: OpenItem;
	readonly events: readonly ItemEvent[];
}

function reasoningItem(output_index: number): Opened {
	const id = newId('rs_');
	const place = { item_id: id, output_index, content_index: 0 };
	let text = '';
	const part = () => ({ type: 'reasoning_text', text });
	return {
		events: [{ type: 'response.content_part.added', ...place, part: part() }],
		item: {
			add: (delta) => {
				text += delta;
				return { type: 'response.reasoning_text.delta', ...place, delta };
			},
			end: () => [
				{ type: 'response.reasoning_text.done', ...place, text },
				{ type: 'response.content_part.done', ...place, part: part() },
			],
			item: (status) => ({
				...{ id, type: 'reasoning', status, summary: [] },
				content: status === 'in_progress' ? [] : [part()],
			}),
		},
	};
}

function messageItem(output_index: number): Opened {
	const id = newId('msg_');
	const place = { item_id: id, output_index, content_index: 0 };
	let text = '';
	const all: Logprobs = [];
	const part = () => ({ type: 'output_text', text, annotations: [], logprobs: [...all] });
	return {
		events: [{ type: 'response.content_part.added', ...place, part: part() }],
		item: {
			add: (delta, logprobs) => {
				text += delta;
				all.push(...logprobs);
				return { type: 'response.output_text.delta', ...place, delta, logprobs };
			},
			end: () => [
				{ type: 'response.output_text.done', ...place, text, logprobs: all },
				{ type: 'response.content_part.done', ...place, part: part() },
			],
			item: (status) => ({
				...{ id, type: 'message', role: 'assistant', status },
				content: status === 'in_progress' ? [] : [part()],
			}),
		},
	};
}

function callItem(output_index: number, { id: call_id, name }: ToolCallDelta): Opened {
	const id = newId('fc_');
	const place = { item_id: id, output_index };
	let given = '';
	return {
		events: [],
		item: {
			add: (delta) => {
				given += delta;
				return { type: 'response.function_call_arguments.delta', ...place, delta };
			},
			end: () => [{ type: 'response.function_call_arguments.done', ...place, name, arguments: given }],
			item: (status) => ({ id, type: 'function_call', status, call_id, name, arguments: given }),
		},
	};
}
