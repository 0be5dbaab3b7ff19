/** A user's message as the embedded model's chat template writes it, up to where the reply begins. */
export function ask(message: string): string {
	return `<|im_start|>user\n${message}<|im_end|>\n<|im_start|>assistant\n`;
}

/** The reply is a program of which little stands in the question. */
export const problem =
	'Write a JavaScript program that solves the problem and prints the answer.\nMara has 12 bags with 7 pears in each. Mara gives 5 pears to Tom. How many pears are left?';
