import { readFile } from 'node:fs/promises';
import { RepriseError } from '../errors.js';
import { describe } from '../options.js';

/** A conversation as it was recorded. */
export interface Conversation {
	dataset: string;
	model: string;
	template: Template;
	system: string;
	turns: Array<{ user: string; assistant: string }>;
}

/** A turn's text as the template writes it: all that comes before the answer, and the answer with what ends it. */
export interface TurnText {
	context: string;
	answer: string;
}

export type Template = 'chatml' | 'llama3';

const templates: Record<Template, { begin: string; open(role: string): string; end: string; after: string }> =
	{
		chatml: { begin: '', open: (role) => `<|im_start|>${role}\n`, end: '<|im_end|>', after: '\n' },
		llama3: {
			begin: '<|begin_of_text|>',
			open: (role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`,
			end: '<|eot_id|>',
			after: '',
		},
	};

/** Each turn's context is the whole conversation before it. */
export function renderTurns(conversation: Conversation): TurnText[] {
	const { begin, open, end, after } = templates[conversation.template];
	const message = (role: string, text: string) => `${open(role)}${text}${end}${after}`;
	let said = begin + (conversation.system === '' ? '' : message('system', conversation.system));
	return conversation.turns.map(({ user, assistant }) => {
		const context = said + message('user', user) + open('assistant');
		said = `${context}${assistant}${end}${after}`;
		return { context, answer: assistant + end };
	});
}

/** Reads one JSON object a line. Rejects with `OPTION_INVALID`, naming file and line. */
export async function readConversations(path: string): Promise<Conversation[]> {
	let content: string;
	try {
		content = await readFile(path, 'utf8');
	} catch (error) {
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected a readable file for FILE but received ${describe(path)}`,
			{
				cause: error,
			},
		);
	}
	const conversations = content.split('\n').flatMap((line, index) => {
		return line.trim() === '' ? [] : [parse(line, `line ${index + 1} of ${path}`)];
	});
	if (conversations.length > 0) return conversations;
	throw new RepriseError('OPTION_INVALID', `Expected conversations in ${path} but it is empty`);
}

function parse(line: string, where: string): Conversation {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new RepriseError('OPTION_INVALID', `Expected JSON in ${where}: ${String(error)}`, { cause: error });
	}
	const { dataset, model, template, system, turns } = (value ?? {}) as Record<string, unknown>;
	const expect = (ok: boolean, expected: string, name: string, received: unknown) => {
		if (!ok)
			throw new RepriseError(
				'OPTION_INVALID',
				`Expected ${expected} for ${name} in ${where} but received ${describe(received)}`,
			);
	};
	expect(typeof dataset === 'string', 'a string', 'dataset', dataset);
	expect(typeof model === 'string', 'a string', 'model', model);
	expect(template === 'chatml' || template === 'llama3', "'chatml' or 'llama3'", 'template', template);
	expect(system === undefined || system === null || typeof system === 'string', 'a string', 'system', system);
	expect(Array.isArray(turns) && turns.length > 0, 'an array of turns', 'turns', turns);
	for (const turn of turns as unknown[]) {
		const { user, assistant } = (turn ?? {}) as Record<string, unknown>;
		expect(typeof user === 'string', 'a string', 'user', user);
		expect(typeof assistant === 'string', 'a string', 'assistant', assistant);
	}
	return {
		dataset: dataset as string,
		model: model as string,
		template: template as Template,
		system: (system as string | null | undefined) ?? '',
		turns: turns as Conversation['turns'],
	};
}
