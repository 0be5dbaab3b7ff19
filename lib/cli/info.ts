import { Command } from 'commander';
import { addon } from '../addon.js';
import { awaitNative, isRepriseError, RepriseError } from '../errors.js';
import { isModelName } from '../hub/model-name.js';
import { type Device, devices, loadModel, type Model } from '../index.js';
import { readLoadOptions } from '../load-options.js';
import type { DeviceShare, Placement } from '../native-devices.js';
import { diskPath } from '../options.js';
import { readSessionRoom } from '../session-options.js';
import { addFlags } from './arguments.js';
import { type Given, pick, switchFlag } from './flag.js';
import { deviceFlags, sessionFlags } from './flags.js';
import { describeRemote, fitFault, openNamed } from './info-remote.js';
import { onInterrupt } from './interrupt.js';
import { modelArgument } from './model-path.js';

export const infoFlags = {
	json: switchFlag('--json', 'print JSON, with all of the file’s metadata and the chat template'),
};

const { rpc, ...placingFlags } = deviceFlags;
/** What says whose devices are listed. */
const workerFlags = { rpc };
/** The flags of a session but for those that its memory on devices does not depend on. */
const { overflow, threads, referenceTokens, matching, ...roomFlags } = sessionFlags;

type InfoFlags = Given<typeof infoFlags> & Given<typeof deviceFlags> & Given<typeof roomFlags>;

export function infoCommand(): Command {
	const command = new Command('info')
		.description('say what a model is, where it would be, and what the engine and the machine have')
		.argument('[model]', `${modelArgument}; without one, the engine and the devices alone`);
	addFlags(command, infoFlags);
	addFlags(command, roomFlags, 'Session that it would have:');
	return addFlags(command, deviceFlags, 'Devices that it would be on:')
		.addHelpText(
			'after',
			'\nExamples:\n  reprise info\n  reprise info --rpc 10.0.0.2:50052\n  reprise info model.gguf --context-length 32768\n  reprise info hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0\n\nOf a model on the hub, only the header is read.',
		)
		.action(run);
}

async function run(given: string | undefined, flags: InfoFlags): Promise<void> {
	if (given === undefined) refuseWithoutModel(flags);
	const interrupt = onInterrupt();
	await using named = isModelName(given) ? await openNamed(given, interrupt.signal) : null;
	interrupt.release();
	const path = named?.path ?? given;
	const facts = named?.facts;
	await using model = path === undefined || facts ? null : await open(path);
	const planned: Plan = path === undefined || model?.info.vocabOnly ? {} : await plan(path, flags);
	const machine = await devices(pick(workerFlags, flags));
	const fits = named && planned.placement ? { fitFault: fitFault(planned.placement, machine.devices) } : {};
	const engine = {
		llamaVersion: addon.llamaVersion,
		cpuVariant: addon.cpuVariant,
		systemInfo: addon.systemInfo(),
		unusedVectorUnits: addon.unusedVectorUnits(),
	};
	if (flags.json) {
		const known = { ...model?.info, ...facts, ...planned, ...fits, ...engine, ...machine };
		process.stdout.write(`${JSON.stringify(known, null, 2)}\n`);
		return;
	}
	const rows = model ? describe(model) : facts ? describeRemote(facts) : [];
	if (planned.placement) rows.push(...describePlacement(planned.placement, !model?.info.generationFault));
	if (planned.sessionFault) rows.push(['session', `cannot be made: ${planned.sessionFault}`]);
	if (fits.fitFault !== undefined) rows.push(['fits', fits.fitFault ? `no: ${fits.fitFault}` : 'yes']);
	rows.push(['llama.cpp', engine.llamaVersion], ['system', engine.systemInfo]);
	if (engine.cpuVariant) rows.push(['CPU variant', engine.cpuVariant]);
	rows.push(['backends', machine.backends.join(', ')]);
	for (const device of machine.devices) rows.push([`device ${device.name}`, describeDevice(device)]);
	if (engine.unusedVectorUnits.length > 0)
		rows.push([
			'warning',
			`built without ${engine.unusedVectorUnits.join(', ')}, which this processor has: several times slower; build it again without REPRISE_NATIVE=0`,
		]);
	const width = Math.max(...rows.map(([name]) => name.length));
	for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${value}\n`);
}

/** What asks where a model would be says nothing without one. */
function refuseWithoutModel(flags: InfoFlags): void {
	const { fullSlidingWindow, ...rest } = flags;
	const [name] = Object.keys(pick({ ...placingFlags, ...roomFlags }, rest));
	if (name === undefined && fullSlidingWindow !== false) return;
	const flag = name
		? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
		: '--no-full-sliding-window';
	throw new RepriseError(
		'OPTION_INVALID',
		`Expected a model with ${flag}: reprise info model.gguf ${flag} …`,
	);
}

async function open(path: string): Promise<Model> {
	try {
		return await loadModel(path, { devices: [] });
	} catch (error) {
		if (!(isRepriseError(error) && error.code === 'MODEL_VOCAB_ONLY')) throw error;
		return loadModel(path, { vocabOnly: true });
	}
}

/** Where the model and a session of it would be, or why there can be no such session. */
interface Plan {
	readonly placement?: Placement | null;
	readonly sessionFault?: string;
}

async function plan(path: string, flags: InfoFlags): Promise<Plan> {
	const { native } = readLoadOptions(pick(deviceFlags, flags));
	const roomFor = readSessionRoom(pick(roomFlags, flags));
	try {
		const options = { ...native, roomFor };
		return { placement: await awaitNative(() => addon.planModel(diskPath(path, 'model'), options).promise) };
	} catch (error) {
		// The file itself was opened before.
		if (!isRepriseError(error) || !['OUT_OF_MEMORY', 'MODEL_INVALID'].includes(error.code)) throw error;
		return { placement: null, sessionFault: error.message };
	}
}

function describe({ info }: Model): Array<[string, string]> {
	const window = info.slidingWindow > 0 ? ` of ${info.slidingWindow} tokens` : '';
	const weights: Array<[string, string]> = [
		['parameters', info.parameters.toLocaleString('en')],
		['size', mebibytes(info.sizeBytes)],
		['trained context', `${info.trainedContextLength} tokens`],
		[
			'layers',
			`${info.layers} and the output, ${info.embeddingLength} wide, ${info.heads} heads, ${info.headsKv} of keys`,
		],
		['cache', `${info.cacheKind}${window}`],
	];
	if (info.mtpLayers > 0) weights.push(['layers for MTP', `${info.mtpLayers}: --mtp lets them draft`]);
	const head = describeHead(info);
	if (head) weights.push(head);
	else weights.push(['drafts', info.draftsReason ? `${info.drafts}: ${info.draftsReason}` : info.drafts]);
	if (info.generationFault) weights.push(['generates', `no: ${info.generationFault}`]);
	return [
		['model', info.description],
		['architecture', info.architecture],
		...(info.vocabOnly ? [['weights', 'none: a vocabulary alone'] as [string, string]] : weights),
		['vocabulary', `${info.vocabularySize} tokens`],
		['chat template', info.chatTemplate === null ? 'none' : 'yes'],
	];
}

/** What a draft head reads, if it is one. */
function describeHead({
	architecture,
	metadata,
	embeddingLength,
}: Model['info']): [string, string] | undefined {
	if (architecture === 'eagle3')
		return ['reads', `three layers of a model that is ${metadata['eagle3.target_hidden_size']} wide`];
	if (architecture !== 'dflash') return undefined;
	const rows = metadata['dflash.block_size'] ?? 16; // llama.cpp's default
	return ['reads', `layers of a model that is ${embeddingLength} wide, and drafts by blocks of ${rows} rows`];
}

function describePlacement(placement: Placement, withSession: boolean): Array<[string, string]> {
	const layers = placement.devices.reduce((sum, share) => sum + share.layers, 0);
	return placement.devices.map((share) => {
		const logits = share.device === placement.logits ? ', logits' : '';
		const bytes = describeBytes(share, withSession);
		return [`on ${share.device}`, `${share.layers} of ${layers} layers${logits}: ${bytes}`];
	});
}

function describeBytes(share: DeviceShare, withSession: boolean): string {
	const weights = `${mebibytes(share.weightBytes)} of weights`;
	if (!withSession) return weights;
	return `${weights}, ${mebibytes(share.cacheBytes)} of cache, ${mebibytes(share.computeBytes)} of buffers`;
}

function describeDevice({ description, type, backend, totalBytes, freeBytes }: Device): string {
	const memory = totalBytes > 0 ? `, ${mebibytes(freeBytes)} of ${mebibytes(totalBytes)} free` : '';
	return `${description} (${type}, ${backend})${memory}`;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
