import { expect, it } from "vitest"
import { Remote } from "../../src/git/remote.ts"

const github = "https://github.com"

it.each([
  ["acme/shop", "https://github.com/acme/shop", "acme/shop"],
  ["https://github.com/acme/shop", "https://github.com/acme/shop", "acme/shop"],
  ["https://github.com/acme/shop.git/", "https://github.com/acme/shop.git", "acme/shop"],
  ["https://me:token@github.com/acme/shop.git?x=1#y", "https://github.com/acme/shop.git", "acme/shop"],
  ["http://github.com/acme/shop", "https://github.com/acme/shop", "acme/shop"],
  ["git@github.com:acme/shop.git", "https://github.com/acme/shop.git", "acme/shop"],
  ["ssh://git@github.com/acme/shop.git", "https://github.com/acme/shop.git", "acme/shop"],
  ["https://gitlab.com/a/b/c.git", "https://gitlab.com/a/b/c.git", undefined],
  ["https://github.com.evil.com/acme/shop", "https://github.com.evil.com/acme/shop", undefined],
  ["https://github.com/acme/shop/tree/main", "https://github.com/acme/shop/tree/main", undefined],
])("reads %s", (source, url, slug) => {
  expect(Remote.parse(source, github)).toEqual({ type: "http", url, ...(slug && { github: slug }) })
})

it("knows a GitHub of one's own, also below a path", () => {
  const server = "http://127.0.0.1:8080/git"
  expect(Remote.parse("acme/shop", server)).toEqual({ type: "http", url: `${server}/acme/shop`, github: "acme/shop" })
  expect(Remote.parse("https://github.com/acme/shop", server)).not.toHaveProperty("github")
})

it.each(["/srv/a.git", "file:///srv/a.git"])("reads the path %s", (source) => {
  expect(Remote.parse(source, github)).toEqual({ type: "local", path: "/srv/a.git" })
})

it.each(["", "-upload-pack=evil", "shop", "ext::sh -c id", "ftp://host/a", "a\nb/c", "https://", "../other"])(
  "refuses %j",
  (source) => {
    expect(() => Remote.parse(source, github)).toThrow("Not a repository")
  },
)

it("names folders harmlessly", () => {
  const name = (source: string) => Remote.name(Remote.parse(source, github))
  expect(name("acme/shop.git")).toBe("shop")
  expect(name("/srv/my project/.git")).toBe("my-project")
  expect(name("/srv/--evil")).toBe("evil")
  expect(name("/srv/...")).toBe("repository")
  expect(name("https://example.com/a/..%2f..")).not.toMatch(/\//)
})
