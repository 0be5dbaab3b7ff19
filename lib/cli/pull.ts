import { Command } from 'commander';
import { isModelName } from '../hub/model-name.js';
import { invalid } from '../options.js';
import { onInterrupt } from './interrupt.js';
import { download } from './model-path.js';

export function pullCommand(): Command {
	return new Command('pull')
		.description('download a model from the Hugging Face Hub, or go on with a download')
		.argument('<name>', 'hf:OWNER/REPO, with :TAG or /FILE.gguf behind it, and @REVISION after REPO')
		.addHelpText(
			'after',
			`
The paths of its files go to standard output. Without a tag it is Q4_K_M, else Q8_0, else the first file.
The cache is the one of the hub's other programs, and so are the variables:
  HF_TOKEN, HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT

Examples:
  reprise pull hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF
  reprise pull hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0
  reprise generate hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0 --chat --prompt "Hello"`,
		)
		.action(run);
}

async function run(name: string): Promise<void> {
	if (!isModelName(name)) throw invalid('hf:OWNER/REPO', 'name', name);
	const interrupt = onInterrupt();
	try {
		const { parts } = await download(name, interrupt.signal);
		for (const part of parts) process.stdout.write(`${part}\n`);
	} finally {
		interrupt.release();
	}
}
