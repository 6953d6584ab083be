//  What is wrong with a page's layout, found from the boxes of its texts and images instead of its pixels.

import Canvas

/// A line for each text that overlaps another text or an image, or that leaves the page.
func layoutProblems(of drawing: Drawing) -> [String] {
  let layout = drawing.layout()
  let texts = layout.texts.filter { !$0.text.allSatisfy(\.isWhitespace) }
  var problems: [String] = []
  for text in texts {
    let inside = text.corners.allSatisfy {
      (0...drawing.size.width).contains($0.x) && (0...drawing.size.height).contains($0.y)
    }
    if !inside { problems.append("“\(text.text)” leaves the page") }
  }
  for (i, text) in texts.enumerated() {
    for other in texts[..<i] where overlap(text.corners, other.corners) {
      problems.append("“\(text.text)” overlaps “\(other.text)”")
    }
    for image in layout.images where overlap(text.corners, image) {
      problems.append("“\(text.text)” covers an image")
    }
  }
  return problems
}

/// Whether two turned rectangles share more than their edges: no edge of either one separates them.
func overlap(_ a: [Point], _ b: [Point]) -> Bool {
  for corners in [a, b] {
    for edge in 0..<2 {
      let (from, to) = (corners[edge], corners[edge + 1])
      let (nx, ny) = (from.y - to.y, to.x - from.x)
      let (pa, pb) = (a.map { nx * $0.x + ny * $0.y }, b.map { nx * $0.x + ny * $0.y })
      guard let aLow = pa.min(), let aHigh = pa.max(), let bLow = pb.min(), let bHigh = pb.max() else { return false }
      if aHigh <= bLow + 1e-9 || bHigh <= aLow + 1e-9 { return false }
    }
  }
  return true
}
