// Reads notes and fills in a form for each: node fill-forms.mjs model.gguf
import { loadModel } from 'reprise';
import { z } from 'zod';

const form = z.object({
	name: z.string().max(30),
	city: z.enum(['Oslo', 'Lisbon', 'elsewhere']),
	guests: z.number().int().min(1).max(20),
	vegetarian: z.boolean(),
});
const notes = [
	'Mara comes to Oslo with three friends, and eats no meat.',
	'A table for two in Lisbon, please, for Tom.',
	'Lena, party of eight, somewhere by the sea.',
];

const model = await loadModel(process.argv[2] ?? 'model.gguf');
const session = await model.createSession();
const ask = (note) => `Fill in the form from this note, as JSON: ${note}`;

for (const note of notes) {
	// Names of fields, quotation marks and braces are drafted: the schema leaves no choice about them.
	const reply = session
		.chat()
		.reply([{ role: 'user', content: ask(note) }], { schema: form, maxTokens: 200 });
	const { object, metrics } = await reply.result;
	console.log(object, `${metrics.tokensPerPass.toFixed(2)} tokens per pass`);
}

await session.dispose();
await model.dispose();
