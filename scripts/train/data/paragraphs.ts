import { assistant, type Chat, user } from './chat.js';
import { passage } from './sentences.js';
import { heldOut, type Source } from './source.js';

const requests = heldOut({
	train: ['Write a paragraph.', 'Write a short text.', 'Tell a story.', 'Invent a text of some sentences.'],
	test: ['Write a short paragraph.', 'Tell a short story.'],
});

/** A paragraph with nothing to copy. */
export function paragraph(source: Source): Chat {
	const text = passage(source, source.integer(3, 5)).join(' ');
	return { task: 'paragraph', turns: [user(source.say(requests)), assistant(text)] };
}
