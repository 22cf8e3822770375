import { firstCharacters, lastCharacters } from './base64url'

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4). It is written here and not asked of the runtime because the
 * runtimes' own are slow for messages this short: Node's takes more than twice as long to set one
 * up, and WebCrypto's is a promise, thirty times as slow. So it is the same code on every runtime.
 *
 * The hash takes its time from the length of a message and from nothing else: words are added, rotated
 * and combined, and neither a branch nor the place of a look-up depends on a key or on a message. Only
 * its result is spelt with a table, as every base64 is.
 */
export interface Mac {
  bytes(message: string): Uint8Array
  /** The first 22 characters of its base64url: 132 bits. */
  tag(message: string): string
  /** Two disjoint cuts: these 22 and the 21 behind them (124 bits). */
  pair(message: string): readonly [string, string]
}

/** A MAC under this key. */
export function createMac(key: Uint8Array): Mac {
  // What both key blocks leave behind is kept, which halves the work of a short message.
  const { inner, outer } = keyedStates(key)
  return {
    bytes: (message) => {
      authenticate(inner, outer, message)
      return stateBytes(state)
    },
    tag: (message) => {
      authenticate(inner, outer, message)
      return firstCharacters(state)
    },
    pair: (message) => {
      authenticate(inner, outer, message)
      return [firstCharacters(state), lastCharacters(state)]
    },
  }
}

const blockBytes = 64
const encoder = new TextEncoder()

// FIPS 180-4, sections 4.2.2 and 5.3.3.
const roundConstants = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
const initialState = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

// Nothing here waits, so one set of working memory serves every call.
const state = new Int32Array(8)
const words = new Int32Array(64)
let buffer = new Uint8Array(4 * blockBytes)

function keyedStates(key: Uint8Array) {
  const block = new Uint8Array(blockBytes)
  if (key.length > blockBytes) {
    begin(initialState)
    absorb(load(key), 0)
    block.set(stateBytes(state))
  } else {
    block.set(key)
  }
  const stateAfter = (pad: number) => {
    load(block.map((byte) => byte ^ pad))
    begin(initialState)
    compressAt(0)
    return state.slice()
  }
  return { inner: stateAfter(0x36), outer: stateAfter(0x5c) }
}

/** Leaves the MAC of a message in `state`. */
function authenticate(inner: Int32Array, outer: Int32Array, message: string): void {
  begin(inner)
  if (!absorbShort(message, blockBytes)) absorb(write(message), blockBytes)
  for (let index = 0; index < 8; index += 1) words[index] = state[index] ?? 0
  words[8] = 1 << 31
  for (let index = 9; index < 15; index += 1) words[index] = 0
  words[15] = (blockBytes + 32) * 8
  begin(outer)
  compress()
}

// By hand: for so few words the built-in ways take longer to begin than these to end.
function begin(from: Int32Array): void {
  for (let index = 0; index < 8; index += 1) state[index] = from[index] ?? 0
}

/** Pads and compresses a text of ASCII that leaves room for the padding in its block, if it is one. */
function absorbShort(text: string, before: number): boolean {
  const { length } = text
  if (length > blockBytes - 9) return false
  for (let index = 0; index < 15; index += 1) words[index] = 0
  let union = 0
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    union |= code
    put(index, code)
  }
  if (union > 127) return false
  put(length, 0x80)
  words[15] = (before + length) * 8
  compress()
  return true
}

/** Puts a byte in the block, where none was. */
function put(index: number, byte: number): void {
  words[index >> 2] = (words[index >> 2] ?? 0) | (byte << (24 - 8 * (index & 3)))
}

/** Puts the UTF-8 of a text in the buffer, and says how long it is. */
function write(text: string): number {
  const { length } = text
  makeRoom(length)
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 127) return load(encoder.encode(text))
    buffer[index] = code
  }
  return length
}

function load(bytes: Uint8Array): number {
  makeRoom(bytes.length)
  buffer.set(bytes)
  return bytes.length
}

function makeRoom(length: number): void {
  if (length + 2 * blockBytes > buffer.length) buffer = new Uint8Array(length + 2 * blockBytes)
}

/** Pads what the buffer holds and compresses it, after so many bytes that the state has seen. */
function absorb(length: number, before: number): void {
  const end = (length + 9 + blockBytes - 1) & -blockBytes
  buffer[length] = 0x80
  for (let index = length + 1; index < end; index += 1) buffer[index] = 0
  const bits = (before + length) * 8
  buffer[end - 5] = bits / 0x1_0000_0000
  buffer[end - 4] = bits >>> 24
  buffer[end - 3] = bits >>> 16
  buffer[end - 2] = bits >>> 8
  buffer[end - 1] = bits
  for (let offset = 0; offset < end; offset += blockBytes) compressAt(offset)
}

/** Compresses a block of the buffer. */
function compressAt(offset: number): void {
  const bytes = buffer
  for (let index = 0, at = offset; index < 16; index += 1, at += 4) {
    words[index] =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
  }
  compress()
}

/** Compresses the block in the first 16 words (FIPS 180-4, section 6.2.2). */
function compress(): void {
  const w = words
  const k = roundConstants
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15] ?? 0
    const y = w[t - 2] ?? 0
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[t] = ((w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1) | 0
  }
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let f = state[5] ?? 0
  let g = state[6] ?? 0
  let h = state[7] ?? 0
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const choice = g ^ (e & (f ^ g))
    const t1 = (h + s1 + choice + (k[t] ?? 0) + (w[t] ?? 0)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const majority = (a & b) ^ (c & (a ^ b))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + s0 + majority) | 0
  }
  state[0] = ((state[0] ?? 0) + a) | 0
  state[1] = ((state[1] ?? 0) + b) | 0
  state[2] = ((state[2] ?? 0) + c) | 0
  state[3] = ((state[3] ?? 0) + d) | 0
  state[4] = ((state[4] ?? 0) + e) | 0
  state[5] = ((state[5] ?? 0) + f) | 0
  state[6] = ((state[6] ?? 0) + g) | 0
  state[7] = ((state[7] ?? 0) + h) | 0
}

function stateBytes(from: Int32Array): Uint8Array {
  const bytes = new Uint8Array(32)
  for (let at = 0; at < 32; at += 1) bytes[at] = (from[at >> 2] ?? 0) >>> (24 - 8 * (at & 3))
  return bytes
}
