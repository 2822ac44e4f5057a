/** The part of esbuild's API that the harness uses. It comes with SST's platform, which is not a package of ours. */
export interface BuildOptions {
  stdin: { contents: string; resolveDir: string; sourcefile: string; loader: string }
  outfile: string
  bundle: boolean
  format: "esm"
  platform: "node"
  logLevel: "silent"
  mainFields: string[]
  banner: { js: string }
  nodePaths: string[]
  inject?: string[]
  plugins: Plugin[]
  external: string[]
}

export interface BuildResult {
  errors: { text: string }[]
}

export interface Plugin {
  name: string
  setup(build: {
    onLoad(
      options: { filter: RegExp },
      callback: (args: { path: string }) => Promise<{ contents: string; loader: string }>,
    ): void
  }): void
}
