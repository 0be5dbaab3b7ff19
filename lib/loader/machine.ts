/** What a binary has to fit. */
export interface Machine {
	readonly os: NodeJS.Platform;
	/** As Node names it: `x64`, `arm64`. In a process that is translated (Rosetta) it is the translated one. */
	readonly cpu: string;
	/** The C library, on Linux alone. */
	readonly libc?: 'glibc' | 'musl';
	/** The version of glibc, such as `2.36`. */
	readonly libcVersion?: string;
}

/** The platforms for which a binary is published, each in a package of its own: `@reprise/linux-x64`. */
export const publishedPlatforms = [
	'linux-x64',
	'linux-arm64',
	'darwin-arm64',
	'darwin-x64',
	'win32-x64',
] as const;
/** What is added to the name of a package whose binary uses a GPU. They are installed by name alone. */
export const gpuVariants = ['cuda', 'vulkan'] as const;

/** The process's own machine. */
export function thisMachine(): Machine {
	const { platform: os, arch: cpu } = process;
	if (os !== 'linux') return { os, cpu };
	const version = glibcVersion();
	return version ? { os, cpu, libc: 'glibc', libcVersion: version } : { os, cpu, libc: 'musl' };
}

/** Node's report has it where Node itself was linked to glibc. It takes 10 ms, most of them for its network section. */
function glibcVersion(): string | undefined {
	const report = process.report as typeof process.report & { excludeNetwork?: boolean };
	const before = report.excludeNetwork;
	report.excludeNetwork = true;
	try {
		const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
		return header?.glibcVersionRuntime;
	} finally {
		if (before !== undefined) report.excludeNetwork = before;
	}
}

/** `linux x64 (glibc 2.36)`. */
export function describeMachine({ os, cpu, libc, libcVersion }: Machine): string {
	return `${os} ${cpu}${libc ? ` (${[libc, libcVersion].filter(Boolean).join(' ')})` : ''}`;
}

/** The name of the package with the machine's binary; null where there is none. */
export function platformPackage({ os, cpu, libc }: Machine): string | null {
	const name = `${os}-${cpu}`;
	if (libc === 'musl' || !(publishedPlatforms as readonly string[]).includes(name)) return null;
	return `@reprise/${name}`;
}
