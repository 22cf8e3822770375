/**
 * Whether two strings are equal, in a time that follows their lengths and not where they differ, as
 * far as a JavaScript engine allows that at all.
 */
export function equal(left: string, right: string): boolean {
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index += 1) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  }
  return difference === 0
}
