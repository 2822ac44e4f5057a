/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { Config } = await import("./infra/config.ts")
    const isProduction = input?.stage === "production"
    return {
      name: "remote-swe",
      home: "aws",
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: { aws: { region: Config.whereabouts() as aws.Region }, random: "4.16.6" },
    }
  },
  async run() {
    await import("./infra/stage.ts")
    await import("./infra/launcher.ts")
    await import("./infra/schedule.ts")
    await import("./infra/alarm.ts")
    await import("./infra/dev.ts")
    const { router } = await import("./infra/router.ts")
    await import("./infra/api.ts")
    await import("./infra/web.ts")
    await import("./infra/slack.ts")
    await import("./infra/deliver.ts")
    const { users } = await import("./infra/auth.ts")
    return { url: router.url, ...(users && { userPool: users.id }) }
  },
})
