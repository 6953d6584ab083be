//  Where texts and pictures lie on a page. Drawing records it, so that a test can ask whether anything
//  overlaps or leaves the page without looking at pixels.

internal import CCairo

/// The texts and images of a drawing, in the order in which they were placed.
package struct Layout: Sendable {
  package struct Text: Sendable {
    package let text: String
    /// The ink's bounding box on the page, turned with the text: four corners in order around it.
    package let corners: [Point]
  }

  package internal(set) var texts: [Text] = []
  /// Corners of each image, as for texts.
  package internal(set) var images: [[Point]] = []
}

extension Canvas {
  /// The corners of a rectangle, from where drawing stands now to units of the page.
  func onPage(_ rectangle: Rectangle) -> [Point] {
    let corners = [
      (rectangle.x, rectangle.y), (rectangle.maxX, rectangle.y), (rectangle.maxX, rectangle.maxY),
      (rectangle.x, rectangle.maxY),
    ]
    return corners.map { corner in
      var (x, y) = corner
      cairo_user_to_device(context, &x, &y)
      return Point(x / scale, y / scale)
    }
  }
}
