// Written by scripts/dashboard-assets.ts; what it is made of stands in src/dashboard/page.
export const html = "<!doctype html><title>One-time codes</title>"
export const assets = [
  { name: "page.0000000000000000.css", type: "text/css; charset=utf-8", body: "" },
  { name: "page.0000000000000000.js", type: "text/javascript; charset=utf-8", body: "" },
] as const
