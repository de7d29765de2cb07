import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { list, url } from "../src/api/arm";
import { identityOf } from "../src/api/identity";
import { change, pollUrl } from "../src/api/operation";
import { codeOf } from "../src/api/session";
import { nextPath } from "../src/api/vault";

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

describe("long operations", () => {
  const fetched = vi.fn<typeof fetch>();
  beforeEach(() => {
    vi.stubGlobal("fetch", fetched);
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
    fetched.mockReset();
  });

  it("are followed on this origin until they succeed, then the resource is read", async () => {
    fetched
      .mockResolvedValueOnce(answer(202, undefined, { "Azure-AsyncOperation": "https://elsewhere.example/op/1?api-version=1" }))
      .mockResolvedValueOnce(answer(200, { status: "InProgress" }))
      .mockResolvedValueOnce(answer(200, { status: "Succeeded" }))
      .mockResolvedValueOnce(answer(200, { name: "done" }));
    const got = change<{ name: string }>("PUT", "/thing", {});
    await vi.runAllTimersAsync();
    expect((await got).data).toEqual({ name: "done" });
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(["/thing", "/op/1?api-version=1", "/op/1?api-version=1", "/thing"]);
  });

  it("fail with the server's message", async () => {
    fetched
      .mockResolvedValueOnce(answer(202, undefined, { Location: "/op/1" }))
      .mockResolvedValueOnce(answer(200, { status: "Failed", error: { code: "Conflict", message: "The vault is gone." } }));
    const got = expect(change("PUT", "/thing", {})).rejects.toThrow("The vault is gone.");
    await vi.runAllTimersAsync();
    await got;
  });

  it("are over at once without a header", async () => {
    fetched.mockResolvedValueOnce(answer(201, { name: "now" }));
    expect((await change<{ name: string }>("PUT", "/thing", {})).data.name).toBe("now");
    expect(pollUrl(200, new Headers({ Location: "/x" }))).toBeNull();
  });

  it("lists are read page by page, empty ones too", async () => {
    fetched
      .mockResolvedValueOnce(answer(200, { value: [1, 2], nextLink: "https://localhost:9443/more?$skip=2" }))
      .mockResolvedValueOnce(answer(200, { value: null }));
    expect(await list<number>("/subscriptions/s")).toEqual([1, 2]);
    expect(fetched.mock.calls[1]?.[0]).toBe("/more?$skip=2");
  });
});

describe("addresses", () => {
  it("encode names", () => {
    expect(url("/subscriptions/s/certificates/a b", "format=rawxml")).toBe(
      "/subscriptions/s/certificates/a%20b?format=rawxml&api-version=2024-05-01",
    );
  });

  it("bring a vault's next page to this origin", () => {
    const own = "/postern/v1/vaults/default/secrets?$skiptoken=x";
    expect(nextPath("default", "https://default.vault.localhost:9444/secrets?$skiptoken=x")).toBe(own);
    expect(nextPath("default", `https://localhost:9443${own}`)).toBe(own);
  });

  it("have the one-time code in the fragment, if any", () => {
    expect(codeOf("#code=ab-c_1")).toBe("ab-c_1");
    expect(codeOf("#content")).toBeNull();
    expect(codeOf("")).toBeNull();
  });
});

describe("the identity of the service", () => {
  it.each([
    ["none", false, [], { type: "None" }],
    ["its own", true, [], { type: "SystemAssigned" }],
    ["both kinds", true, ["/a"], { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { "/a": {} } }],
    ["a user-assigned one", false, ["/a"], { type: "UserAssigned", userAssignedIdentities: { "/a": {} } }],
  ])("%s", (_, system, assigned, want) => {
    expect(identityOf(system, assigned)).toEqual(want);
  });
});
