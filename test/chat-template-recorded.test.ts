import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TextMessage } from '../lib/chat-message.js';
import { ChatTemplate } from '../lib/chat-template.js';
import { llamaSourceDir } from './support/llama-source.js';

/** What Python's Jinja gives, or an error. */
type Rendered = { text: string } | { error: string };

interface Recorded {
	/** Seconds since 1970. */
	now: number;
	variables: Record<string, unknown>;
	conversations: Record<string, { messages: TextMessage[]; variables: Record<string, unknown> }>;
	templates: Record<string, Record<string, Rendered>>;
	snippets: Array<{ template: string } & Rendered>;
}

// Written by scripts/templates/record.py.
const { now, variables, conversations, templates, snippets } = JSON.parse(
	readFileSync(new URL('recorded/templates.json', import.meta.url), 'utf8'),
) as Recorded;

async function render(source: string, conversation: string): Promise<Rendered> {
	const { messages, variables: more } = conversations[conversation] as Recorded['conversations'][string];
	try {
		return { text: await new ChatTemplate(source, { ...variables, ...more }).render(messages, now) };
	} catch (error) {
		return { error: (error as Error).message };
	}
}

/** The text; or that there is an error, whose words are each engine's own. A template without text is one here. */
const outcome = (rendered: Rendered) =>
	'text' in rendered && rendered.text !== '' ? rendered.text : { error: true };

describe('templates of released models say what Python’s Jinja says', () => {
	const folder = join(llamaSourceDir(), 'models', 'templates');

	test('all of llama.cpp’s source are recorded', () => {
		const files = readdirSync(folder).filter((file) => file.endsWith('.jinja'));
		expect(Object.keys(templates)).toEqual(files.toSorted());
	});

	test.each(Object.entries(templates))('%s', async (name, recorded) => {
		const source = readFileSync(join(folder, name), 'utf8');
		for (const [conversation, right] of Object.entries(recorded))
			expect([conversation, outcome(await render(source, conversation))]).toEqual([
				conversation,
				outcome(right),
			]);
	});
});

test.each(snippets)('$template says what it says in Python', async ({ template, ...right }) => {
	expect(outcome(await render(template, 'hello'))).toEqual(outcome(right));
});
