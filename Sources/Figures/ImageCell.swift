//  One image of the data set in a frame that says what the network took it for. The frame's colour is
//  repeated by a corner mark or a dashed line, for readers who do not see the colour.

internal import Canvas
internal import Raster

/// What an image is, seen from the class that a figure is about.
enum CellState: CaseIterable {
  case anchor, recognised, mistaken, otherClass

  init(label: Int, predicted: Int, classIndex: Int, isAnchor: Bool = false) {
    self =
      isAnchor
      ? .anchor : label != classIndex ? .otherClass : predicted != classIndex ? .mistaken : .recognised
  }

  var color: Color {
    switch self {
    case .anchor: Theme.ink
    case .recognised: Color(0x9C9CA3)
    case .mistaken: Color(0xD55E00)
    case .otherClass: Color(0x7A4FB5)
    }
  }

  /// Draws the frame just outside `rectangle`, and the corner mark inside it.
  func drawFrame(on canvas: Canvas, around rectangle: Rectangle) {
    let width = self == .anchor ? 2.5 : 1.5
    let outline = rectangle.inset(by: -width / 2)
    canvas.rectangle(outline)
    canvas.stroke(color, width: width, dash: self == .otherClass ? [3, 3] : [])
    guard self == .mistaken else { return }
    let side = min(10, rectangle.width * 0.6)
    canvas.polygon([
      Point(outline.maxX - side, outline.y), Point(outline.maxX, outline.y), Point(outline.maxX, outline.y + side),
    ])
    canvas.fill(color)
  }

  /// Entries for a legend below images of class `name`.
  static func legend(className name: String, anchor: Bool) -> [Legend.Entry] {
    (anchor ? [Legend.Entry(.cell(.anchor), "anchor")] : []) + [
      Legend.Entry(.cell(.recognised), "\(name), predicted as \(name)"),
      Legend.Entry(.cell(.mistaken), "\(name), predicted as → another class"),
    ]
  }
}

/// How large images are drawn: whole multiples of their pixels at 192 dots per inch.
struct ImageScale {
  /// The side of the square that a figure keeps for each image.
  let side: Double
  private let dotsPerUnit = 2.0

  /// - Parameter wanted: the side to come near to, from below where images are small enough.
  init(_ wanted: Double, for image: Image?) {
    guard let image, image.width > 0, image.height > 0 else {
      side = wanted
      return
    }
    let longest = max(image.width, image.height)
    let factor = max(1, Int(wanted * dotsPerUnit) / longest)
    side = Double(longest * factor) / dotsPerUnit
  }

  /// The image's own rectangle, in the middle of the square at `corner`.
  func rectangle(of image: Image, at corner: Point) -> Rectangle {
    let longest = Double(max(image.width, image.height, 1))
    let (width, height) = (Double(image.width) / longest * side, Double(image.height) / longest * side)
    return Rectangle(
      x: corner.x + ((side - width) / 2).rounded(), y: corner.y + ((side - height) / 2).rounded(), width: width,
      height: height)
  }
}
