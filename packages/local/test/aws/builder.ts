import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

/**
 * The part of EC2 Image Builder that the sweeper uses, which moto has not: what is known of images, recipes,
 * components and distributions, and that nothing is removed which something else was made of.
 */

type Status = "BUILDING" | "AVAILABLE" | "FAILED" | "CANCELLED"
type Kind = "image" | "image-recipe" | "component" | "distribution-configuration"

interface Item {
  kind: Kind
  arn: string
  name: string
  created: number
  status: Status
}

const prefix = "arn:aws:imagebuilder:us-east-1:123456789012:"

export async function start(name: string) {
  const items: Item[] = []
  const tokens = new Map<string, string>()
  const pipelineARN = `${prefix}image-pipeline/${name}`
  let now = Date.now
  let held = ""

  function add(kind: Kind, of: string, status: Status = "AVAILABLE", created = now()) {
    const number = items.filter((item) => item.kind === "image" && item.name === of).length + 1
    const version = { image: `/1.0.0/${number}`, component: "/1.0.0/1", "image-recipe": "/1.0.0" }
    const ending = kind === "distribution-configuration" ? "" : version[kind]
    const item = { kind, arn: `${prefix}${kind}/${of}${ending}`, name: of, created, status }
    items.push(item)
    return item.arn
  }

  const date = ({ created }: Item) => new Date(created).toISOString()
  const of = (kind: Kind) => items.filter((item) => item.kind === kind)
  const summary = (item: Item) => ({
    arn: item.arn,
    name: item.name,
    dateCreated: date(item),
    state: { status: item.status, ...(item.status === "FAILED" && { reason: "The component failed" }) },
  })

  const answers: Record<string, (body: Record<string, string>) => object> = {
    StartImagePipelineExecution({ clientToken = "", imagePipelineArn }) {
      if (imagePipelineArn !== pipelineARN) return problem("ResourceNotFoundException")
      const arn = tokens.get(clientToken) ?? add("image", name, "BUILDING")
      tokens.set(clientToken, arn)
      return { clientToken, imageBuildVersionArn: arn }
    },
    ListImagePipelineImages: () => ({ imageSummaryList: of("image").map(summary) }),
    ListImages: () => ({
      imageVersionList: [...new Set(of("image").map((item) => item.name))].map((name) => ({
        name,
        arn: `${prefix}image/${name}/1.0.0`,
      })),
    }),
    ListImageBuildVersions: ({ imageVersionArn = "" }) => ({
      imageSummaryList: of("image").flatMap((item) =>
        item.arn.startsWith(`${imageVersionArn}/`) ? [summary(item)] : [],
      ),
    }),
    ListImageRecipes: () => ({ imageRecipeSummaryList: of("image-recipe").map(summary) }),
    ListComponents: () => ({
      componentVersionList: of("component").map((item) => ({ ...summary(item), arn: item.arn.replace(/\/1$/, "") })),
    }),
    ListDistributionConfigurations: () => ({
      distributionConfigurationSummaryList: of("distribution-configuration").map(summary),
    }),
    CancelImageCreation({ imageBuildVersionArn = "" }) {
      for (const item of items) if (item.arn === imageBuildVersionArn) item.status = "CANCELLED"
      return {}
    },
    DeleteImage: ({ imageBuildVersionArn = "" }) => drop(imageBuildVersionArn),
    DeleteImageRecipe: ({ imageRecipeArn = "" }) => drop(imageRecipeArn, "image"),
    DeleteComponent: ({ componentBuildVersionArn = "" }) => drop(componentBuildVersionArn, "image", "image-recipe"),
    DeleteDistributionConfiguration: ({ distributionConfigurationArn = "" }) =>
      drop(distributionConfigurationArn, "image"),
  }

  function drop(arn: string, ...needing: Kind[]) {
    const found = items.findIndex((item) => item.arn === arn)
    const item = items[found]
    if (!item) return problem("ResourceNotFoundException")
    const isNeeded = arn === held || items.some((other) => other.name === item.name && needing.includes(other.kind))
    if (isNeeded || item.status === "BUILDING") return problem("ResourceDependencyException")
    items.splice(found, 1)
    return {}
  }

  const server = createServer(async (request, response) => {
    const [action, body] = await asked(request)
    const answer = answers[action]?.(body) ?? problem("InvalidRequestException")
    const code = "code" in answer ? String(answer.code) : undefined
    response
      .writeHead(code ? 400 : 200, { "content-type": "application/json", ...(code && { "x-amzn-errortype": code }) })
      .end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    name,
    pipelineARN,
    items,
    add,
    /** From now on its clock is this one. */
    turn: (clock: () => number) => void (now = clock),
    /** The last try ends. */
    end(status: Status) {
      for (const item of items) if (item.status === "BUILDING") item.status = status
    },
    /** Something of ours that Image Builder does not let go of; its ARN. */
    hold() {
      held = add("distribution-configuration", name)
      return held
    },
    async close() {
      server.close()
      await once(server, "close")
    },
    /** Forgets all. */
    clear() {
      items.splice(0)
      tokens.clear()
      held = ""
    },
  }
}

const problem = (code: string) => ({ code, message: "Said by the test" })

async function asked(request: IncomingMessage): Promise<[string, Record<string, string>]> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
  const body = await text(request)
  return [pathname.slice(1), { ...Object.fromEntries(searchParams), ...(body && JSON.parse(body)) }]
}
