//  Cairo numbers the parts of an SVG from counters that the whole process shares, so the second picture of a
//  process differs from the first. Here the numbers are counted anew in each document.

internal import Foundation

extension Data {
  /// This SVG document with every identifier renamed by its order of first appearance. Identifiers stand in
  /// `id="…"`, `href="#…"` and `url(#…)`; all but their letters is replaced.
  var withStableIdentifiers: Data {
    let source = [UInt8](self)
    var result: [UInt8] = []
    result.reserveCapacity(source.count)
    var names: [ArraySlice<UInt8>: [UInt8]] = [:]
    var counts: [[UInt8]: Int] = [:]
    let declaration = Array(" id=\"".utf8)
    let (quote, parenthesis, hash) = (UInt8(ascii: "\""), UInt8(ascii: ")"), UInt8(ascii: "#"))
    var position = 0
    // Both ways in end with a byte that is rare in a document, so the search is for that byte.
    while let mark = source[position...].firstIndex(where: { $0 == hash || $0 == quote }) {
      let begin = mark + 1
      result += source[position..<begin]
      position = begin
      guard source[mark] == hash || source[..<begin].suffix(declaration.count).elementsEqual(declaration),
        let end = source[begin...].firstIndex(where: { $0 == quote || $0 == parenthesis })
      else { continue }
      let old = source[begin..<end]
      if let known = names[old] {
        result += known
      } else {
        let letters = Array(old.prefix { $0 > UInt8(ascii: "9") })
        let new = letters + Array("\(counts[letters, default: 0])".utf8)
        counts[letters, default: 0] += 1
        names[old] = new
        result += new
      }
      position = end
    }
    result += source[position...]
    return Data(result)
  }
}
