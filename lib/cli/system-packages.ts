import type { System } from './build-tools.js';

/** What a build needs and a system can lack. */
export type Need = 'git' | 'npm' | 'cmake' | 'newer-cmake' | 'compiler' | 'ninja' | 'cuda' | 'vulkan';

interface Packages {
	/** Names in /etc/os-release: of the system, or of the one that it is made from. */
	readonly ids: readonly string[];
	readonly command: string;
	readonly names: Partial<Record<Need, string>>;
}

const linux: readonly Packages[] = [
	{
		ids: ['debian', 'ubuntu'],
		command: 'apt-get install',
		names: {
			...{ git: 'git', npm: 'npm', cmake: 'cmake', compiler: 'g++', ninja: 'ninja-build' },
			...{ cuda: 'nvidia-cuda-toolkit', vulkan: 'libvulkan-dev glslc spirv-headers' },
		},
	},
	{
		ids: ['fedora', 'rhel', 'centos', 'amzn'],
		command: 'dnf install',
		names: {
			...{ git: 'git', npm: 'npm', cmake: 'cmake', compiler: 'gcc-c++', ninja: 'ninja-build' },
			vulkan: 'vulkan-loader-devel vulkan-headers spirv-headers-devel glslc',
		},
	},
	{
		ids: ['alpine'],
		command: 'apk add',
		names: {
			...{ git: 'git', npm: 'npm', cmake: 'cmake', compiler: 'g++ linux-headers', ninja: 'samurai' },
			vulkan: 'vulkan-loader-dev vulkan-headers spirv-headers shaderc',
		},
	},
	{
		ids: ['arch'],
		command: 'pacman -S',
		names: {
			...{ git: 'git', npm: 'npm', cmake: 'cmake', compiler: 'gcc', ninja: 'ninja', cuda: 'cuda' },
			vulkan: 'vulkan-icd-loader vulkan-headers spirv-headers shaderc',
		},
	},
	{
		ids: ['suse', 'opensuse'],
		command: 'zypper install',
		names: {
			...{ git: 'git', npm: 'npm', cmake: 'cmake', compiler: 'gcc-c++', ninja: 'ninja' },
			vulkan: 'vulkan-devel spirv-headers shaderc',
		},
	},
];

const macOs: Packages = {
	ids: [],
	command: 'brew install',
	names: {
		...{ git: 'git', npm: 'node', cmake: 'cmake', 'newer-cmake': 'cmake', ninja: 'ninja' },
		vulkan: 'vulkan-loader vulkan-headers shaderc',
	},
};

const windows: Packages = {
	ids: [],
	command: 'winget install',
	names: {
		...{ git: 'Git.Git', npm: 'OpenJS.NodeJS.LTS', cmake: 'Kitware.CMake', 'newer-cmake': 'Kitware.CMake' },
		...{ cuda: 'Nvidia.CUDA', vulkan: 'KhronosGroup.VulkanSDK' },
	},
};

/** Where to get what is in no package of the system. */
const elsewhere: Readonly<Record<Need, string>> = {
	git: 'git from https://git-scm.com',
	npm: 'npm with Node.js from https://nodejs.org',
	cmake: 'CMake from https://cmake.org/download',
	'newer-cmake': 'a newer CMake from https://cmake.org/download or with: pip install cmake',
	compiler: 'GCC 11, Clang 14 or later',
	ninja: 'Ninja from https://ninja-build.org',
	cuda: 'CUDA from https://developer.nvidia.com/cuda-downloads',
	vulkan: 'the Vulkan SDK from https://vulkan.lunarg.com',
};

/** The commands of other programs than the package manager. */
const ownCommands: Partial<Record<NodeJS.Platform, Partial<Record<Need, string>>>> = {
	darwin: { compiler: 'xcode-select --install' },
	win32: {
		compiler:
			'winget install Microsoft.VisualStudio.2022.BuildTools --override "--passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"',
	},
};

/** `get them with: sudo apt-get install git g++`, for what is missing. */
export function install(needs: readonly Need[], system: System): string {
	const packages = packagesOf(system);
	const own = ownCommands[system.platform] ?? {};
	const isPacked = (need: Need) => packages?.names[need] !== undefined;
	const names = needs.flatMap((need) => packages?.names[need] ?? []);
	const commands = [
		...needs.flatMap((need) => own[need] ?? []),
		...(packages && names.length > 0 ? [`${sudo(system)}${packages.command} ${names.join(' ')}`] : []),
	];
	const rest = needs.filter((need) => !isPacked(need) && own[need] === undefined);
	return [
		...(commands.length > 0
			? [`get ${needs.length - rest.length > 1 ? 'them' : 'it'} with: ${commands.join(' && ')}`]
			: []),
		...rest.map((need) => `get ${elsewhere[need]}`),
	].join('; ');
}

function packagesOf({ platform, osRelease }: System): Packages | undefined {
	if (platform === 'darwin') return macOs;
	if (platform === 'win32') return windows;
	const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, list = '']) =>
		list.split(' '),
	);
	return linux.find((one) => one.ids.some((id) => ids.some((given) => given.startsWith(id))));
}

const sudo = ({ platform }: System) => (platform === 'linux' && process.getuid?.() !== 0 ? 'sudo ' : '');
