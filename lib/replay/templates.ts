/** Text, or a control token. */
export type Piece = string | { readonly control: string };

export interface Template {
	readonly start: readonly Piece[];
	/** A message up to its content. */
	header(role: string): readonly Piece[];
	readonly endOfTurn: { readonly control: string };
	/** What stands between two messages. */
	readonly between: readonly Piece[];
}

/** The chat templates that recorded conversations name. */
export const templates = {
	/** Qwen's, after OpenAI's Chat Markup Language. */
	chatml: {
		start: [],
		header: (role) => [{ control: '<|im_start|>' }, `${role}\n`],
		endOfTurn: { control: '<|im_end|>' },
		between: ['\n'],
	},
	/** Meta's "Llama 3 prompt format". */
	llama3: {
		start: [{ control: '<|begin_of_text|>' }],
		header: (role) => [{ control: '<|start_header_id|>' }, role, { control: '<|end_header_id|>' }, '\n\n'],
		endOfTurn: { control: '<|eot_id|>' },
		between: [],
	},
} satisfies Record<string, Template>;

export type TemplateName = keyof typeof templates;

export const templateNames = Object.keys(templates) as TemplateName[];
