// Makes all packages that a release publishes, checks them, and publishes them if it is told to.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { publishedPlatforms } from '../../lib/loader/machine.js';
import { checkNames, faultsOf, type Packed } from './check.js';
import { allPlatforms, repository, version } from './manifests.js';
import { npm } from './npm.js';
import { pack } from './pack.js';
import { packages, prebuilds } from './packages.js';
import { publish } from './publish.js';

const usage = `npm run release -- --out DIR [options]

  --binary PLATFORM=FILE   a binary that is not in prebuilds/; may be given again
  --platforms LIST         the platforms that reprise depends on, commas between
                           (default: ${publishedPlatforms.join(',')})
  --skip LIST              checks to leave out, of ${checkNames.join(', ')}
  --no-build               take dist/ as it is
  --publish                publish; without it nothing leaves this machine
  --registry URL           where to, which has no default
  --tag TAG, --provenance  as npm publish has them`;

try {
	run();
} catch (error) {
	console.error(`release: ${(error as Error).message}`);
	process.exitCode = 1;
}

function run(): void {
	const { values } = parseArgs({
		allowNegative: true,
		options: {
			out: { type: 'string' },
			binary: { type: 'string', multiple: true, default: [] },
			platforms: { type: 'string', default: publishedPlatforms.join(',') },
			skip: { type: 'string', default: '' },
			build: { type: 'boolean', default: true },
			publish: { type: 'boolean', default: false },
			registry: { type: 'string' },
			tag: { type: 'string' },
			provenance: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) {
		console.log(usage);
		return;
	}
	if (!values.out) throw new Error(`Expected --out DIR\n${usage}`);
	const { registry } = values;
	if (values.publish && !registry) throw new Error('Expected --registry URL with --publish');
	const skip = listOf(values.skip, checkNames, '--skip');
	const platforms = listOf(values.platforms, publishedPlatforms, '--platforms');
	if (platforms.length === 0) throw new Error('Expected at least one of the platforms for --platforms');
	const given = values.binary.map((one): [string, string] => {
		const [platform = '', ...path] = one.split('=');
		listOf(platform, allPlatforms, '--binary');
		return [platform, resolve(path.join('='))];
	});

	if (values.build) npm(['run', 'build:ts'], repository);
	const packed = pack(packages(new Map([...prebuilds(), ...given]), platforms), resolve(values.out));
	const faults = faultsOf(packed, skip);
	printSizes(packed);
	if (faults.length > 0) throw new Error(`the packages are not fit to be published:\n${faults.join('\n')}`);
	if (!values.publish || !registry) {
		console.log(
			`version ${version}: nothing is published (--publish --registry URL does that, in this order)`,
		);
		return;
	}
	const { tag, provenance } = values;
	publish(packed, registry, [...(tag ? ['--tag', tag] : []), ...(provenance ? ['--provenance'] : [])]);
}

function listOf(text: string, known: readonly string[], flag: string): string[] {
	const names = text === '' ? [] : text.split(',');
	const unknown = names.find((name) => !known.includes(name));
	if (unknown !== undefined)
		throw new Error(`Expected of ${known.join(', ')} for ${flag} but received "${unknown}"`);
	return names;
}

function printSizes(packed: readonly Packed[]): void {
	const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;
	for (const { package: one, packedBytes, unpackedBytes, paths } of packed)
		console.log(
			`${one.manifest.name.padEnd(24)} ${kilobytes(packedBytes).padStart(10)} packed ${kilobytes(unpackedBytes).padStart(10)} unpacked ${String(paths.length).padStart(4)} files`,
		);
}
