import type { Inputs, Resource } from "../harness/result.ts"
import { list, parsed, roleOf } from "../check/see.ts"
import type { SceneName, Scenes } from "../scenes.ts"

/**
 * Ways in which the program could be wrong. Each is made in a copy of what was recorded, and one of the
 * checks must notice.
 */
export interface Mutation {
  name: string
  make(scenes: Scenes): void
}

/** Sets a field of a resource, `a.0.b` being a path. An undefined value takes the field away. */
export const put = (scene: SceneName, name: string, path: string, value: unknown): Mutation => ({
  name: `${scene}: ${name}.${path} = ${JSON.stringify(value)}`,
  make: (scenes) => set(find(scenes, scene, name).inputs, path.split("."), value),
})

/** Changes a statement of a role's policy. */
export const policy = (name: string, what: string, change: (statements: Json[]) => void): Mutation => ({
  name: `the role of ${name}: ${what}`,
  make(scenes) {
    const role = roleOf(scenes.production, name)
    const policies = list(role.inputs["inlinePolicies"]) as { policy: string }[]
    role.inputs["inlinePolicies"] = policies.map((item) => {
      const document = parsed(item.policy) as { Statement: Json[] }
      change(document.Statement)
      return { ...item, policy: JSON.stringify(document) }
    })
  },
})

export const drop = (scene: SceneName, name: string): Mutation => ({
  name: `${scene}: no ${name}`,
  make(scenes) {
    const result = scenes[scene]
    const found = find(scenes, scene, name)
    result.resources = result.resources.filter((item) => item !== found)
  },
})

export const add = (scene: SceneName, type: string, name: string, inputs: Inputs = {}): Mutation => ({
  name: `${scene}: a ${type} more`,
  make: (scenes) =>
    void scenes[scene].resources.push({
      urn: name,
      type,
      name,
      inputs,
      protect: false,
      retainOnDelete: false,
      dependencies: [],
    }),
})

interface Json {
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, unknown>>
}

/** Takes conditions away from every statement that allows `action`. */
export const unconditional = (role: string, action: string, test: string, variable?: string) =>
  policy(role, `${action} without ${test} ${variable ?? ""}`, (statements) => {
    for (const { Action, Condition } of statements)
      if (Action.includes(action) && Condition?.[test]) {
        if (variable) delete Condition[test][variable]
        else delete Condition[test]
      }
  })

export const widen = (role: string, action: string, resource: string) =>
  policy(role, `${action} on ${resource}`, (statements) => {
    for (const item of statements) if (item.Action.includes(action)) item.Resource = [resource]
  })

export const also = (role: string, action: string, resource = "*") =>
  policy(
    role,
    `also ${action} on ${resource}`,
    (statements) => void statements.push({ Action: [action], Resource: [resource], Effect: "Allow" } as Json),
  )

export const never = (role: string, action: string) =>
  policy(role, `never ${action}`, (statements) => {
    for (const item of statements) item.Action = item.Action.filter((name) => name !== action)
  })

export const launcher = "LauncherQueueSubscriber"
export const everyone = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
}

export function find(scenes: Scenes, scene: SceneName, name: string): Resource {
  const found = scenes[scene].resources.find((item) => item.name === name && item.type.startsWith("aws:"))
  if (!found) throw new Error(`There is no ${name} to change`)
  return found
}

export function one(scenes: Scenes, type: string): Resource {
  const found = scenes.production.resources.find((item) => item.type === type)
  if (!found) throw new Error(`There is no ${type} to change`)
  return found
}

export function set(target: Inputs, path: string[], value: unknown): void {
  const [key = "", ...rest] = path
  if (rest.length > 0) {
    const next = target[key]
    if (typeof next !== "object" || next === null) throw new Error(`There is no ${key} to change`)
    return set(next as Inputs, rest, value)
  }
  if (value !== undefined) target[key] = value
  else if (Array.isArray(target)) target.splice(Number(key), 1)
  else delete target[key]
}
