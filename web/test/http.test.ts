import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, call, errorOf, setCsrfToken, setRemarkHandler, setSignedOutHandler } from "../src/api/http";

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

describe("call", () => {
  const fetched = vi.fn<typeof fetch>();
  beforeEach(() => vi.stubGlobal("fetch", fetched));
  afterEach(() => {
    vi.unstubAllGlobals();
    fetched.mockReset();
    setCsrfToken("");
  });

  it("sends the CSRF token with changes and not with reads", async () => {
    setCsrfToken("secret");
    fetched.mockImplementation(async () => answer(200, {}));
    await call("GET", "/a");
    await call("PUT", "/a", { x: 1 }, { ifMatch: '"1"' });
    const headers = fetched.mock.calls.map(([, init]) => new Headers(init?.headers));
    expect(headers[0]?.get("X-Postern-CSRF")).toBeNull();
    expect(headers[1]?.get("X-Postern-CSRF")).toBe("secret");
    expect(headers[1]?.get("If-Match")).toBe('"1"');
    expect(fetched.mock.calls[1]?.[1]?.credentials).toBe("same-origin");
  });

  it("gives body and entity tag", async () => {
    fetched.mockResolvedValue(answer(200, { a: 1 }, { ETag: '"7"' }));
    const got = await call<{ a: number }>("GET", "/a");
    expect(got).toMatchObject({ status: 200, data: { a: 1 }, etag: '"7"' });
  });

  it("takes an answer without a body", async () => {
    fetched.mockResolvedValue(answer(204, undefined));
    expect((await call("DELETE", "/a")).data).toBeUndefined();
  });

  it("tells when the session has ended, but not of the attempt to begin one", async () => {
    const ended = vi.fn();
    setSignedOutHandler(ended);
    fetched.mockImplementation(async () => answer(401, { error: { code: "x", message: "Sign in." } }));
    await expect(call("POST", "/postern/v1/session", {})).rejects.toThrow("Sign in.");
    expect(ended).not.toHaveBeenCalled();
    await expect(call("GET", "/postern/v1/overview")).rejects.toThrow("Sign in.");
    expect(ended).toHaveBeenCalledOnce();
  });

  it("passes on what the server remarks on a change, and not on a read", async () => {
    const told = vi.fn();
    setRemarkHandler(told);
    fetched.mockImplementation(async () => answer(200, {}, { "Postern-Remark": "certificates[1]: it has expired" }));
    await call("GET", "/a");
    await call("PATCH", "/a", {});
    expect(told.mock.calls).toEqual([["certificates[1]: it has expired"]]);
  });

  it("says so when the server cannot be reached", async () => {
    fetched.mockRejectedValue(new TypeError("failed to fetch"));
    await expect(call("GET", "/a")).rejects.toMatchObject({ status: 0, message: expect.stringContaining("cannot be reached") });
  });
});

describe("errorOf", () => {
  it("keeps the server's message, code and target", () => {
    const e = errorOf(400, "", {
      error: { code: "ValidationError", message: "The password is wrong.", target: "password", details: null },
    });
    expect(e).toBeInstanceOf(ApiError);
    expect(e).toMatchObject({ code: "ValidationError", message: "The password is wrong.", target: "password" });
  });

  it("puts the details in place of ARM's bare sentence", () => {
    const details = [{ target: "location", message: "The location is required." }, { message: "The sku is required." }];
    const e = errorOf(400, "", { error: { code: "ValidationError", message: "One or more fields contain incorrect values:", details } });
    expect(e.message).toBe("The location is required. The sku is required.");
    expect(e.target).toBe("location");
  });

  it("has words for an answer without an envelope", () => {
    expect(errorOf(502, "Bad Gateway", undefined).message).toBe("The server answered 502 Bad Gateway.");
    expect(errorOf(502, "", undefined).message).toBe("The server answered 502.");
  });
});
