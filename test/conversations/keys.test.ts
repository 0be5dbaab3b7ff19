import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extendedKey, keyOf, sharedLength } from '../../lib/conversations/keys.js';
import type { ChatMessage, ImageInput } from '../../lib/index.js';

const content = fc.oneof(fc.stringMatching(/^[ab"\\]{0,3}$/), fc.constant('\0'));
const message: fc.Arbitrary<ChatMessage> = fc.oneof(
	fc.record({ role: fc.constant('user' as const), content }),
	fc.record({ role: fc.constant('assistant' as const), content }),
);
const conversation = fc.array(message, { maxLength: 4 });
const keyOfChat = (messages: readonly ChatMessage[]) => keyOf({ kind: 'chat', messages });

const isBeginning = (one: readonly ChatMessage[], other: readonly ChatMessage[]) =>
	one.every(({ role, content }, index) => role === other[index]?.role && content === other[index]?.content);

test('a conversation goes on from another where its key begins with the other’s, and nowhere else', () => {
	fc.assert(
		fc.property(conversation, conversation, fc.boolean(), (one, more, goesOn) => {
			const other = goesOn ? [...one, ...more] : more;
			expect(keyOfChat(other).startsWith(keyOfChat(one))).toBe(isBeginning(one, other));
		}),
	);
});

test('images of other bytes make other conversations, and the same bytes the same one', () => {
	const keyOfImage = (image: ImageInput) =>
		keyOfChat([
			{
				role: 'user',
				content: [
					{ type: 'text', text: 'a' },
					{ type: 'image', image },
				],
			},
		]);
	const bytes = Buffer.from('the bytes of a file');
	const key = keyOfImage(bytes);
	expect(key.length).toBeLessThan(200);
	expect(keyOfImage(Uint8Array.from(bytes))).toBe(key);
	expect(keyOfImage(new Uint8Array(bytes).buffer)).toBe(key);
	expect(keyOfImage(`data:image/png;base64,${bytes.toString('base64')}`)).toBe(key);
	const pixels = { width: 4, height: 1, data: new Uint8Array(16) };
	const others = [
		Buffer.from('the bytes of a fils'),
		'the bytes of a file',
		pixels,
		{ ...pixels, data: new Uint8Array(12) },
		{ ...pixels, width: 1, height: 4 },
	].map(keyOfImage);
	expect(new Set([key, ...others]).size).toBe(6);
});

test('a message of parts is no message of their text', () => {
	const parts = fc.array(fc.record({ type: fc.constant('text' as const), text: content }), { minLength: 1 });
	fc.assert(
		fc.property(parts, content, (some, text) => {
			const [one, other] = [some, text].map((said) => keyOfChat([{ role: 'user', content: said }]));
			expect(one).not.toBe(other);
		}),
	);
});

test('a reply is part of the conversation that goes on', () => {
	fc.assert(
		fc.property(conversation, fc.string(), (messages, content) => {
			const reply = { role: 'assistant' as const, content };
			const extended = extendedKey({ kind: 'chat', messages }, { messages: [reply], tokens: 1 });
			expect(extended).toBe(keyOfChat([...messages, reply]));
		}),
	);
});

test('texts, tokens and conversations have nothing but their kind in common', () => {
	const tokens = (text: number[]) => keyOf({ kind: 'text', text });
	expect(tokens([1, 23]).startsWith(tokens([1, 2]))).toBe(false);
	expect(tokens([1, 2, 3]).startsWith(tokens([1, 2]))).toBe(true);
	expect(keyOf({ kind: 'text', text: 'chat' }).startsWith(keyOfChat([]))).toBe(false);
});

test('what two texts share is their longest common beginning', () => {
	const text = fc.stringMatching(/^[ab]{0,6}$/);
	fc.assert(
		fc.property(text, text, (one, other) => {
			const length = sharedLength(one, other);
			expect(one.slice(0, length)).toBe(other.slice(0, length));
			expect(one[length] === other[length] && length < Math.min(one.length, other.length)).toBe(false);
		}),
	);
});
