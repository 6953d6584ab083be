//  The images on which two networks disagree, one of them being right: to see what was won and what was lost.

internal import Canvas
internal import Foundation
internal import Raster
internal import Results
internal import Storage

/// Images that one run of a pair has right and the other one wrong, most confident first.
public struct FlipFigure {
  public struct Flip: Sendable {
    /// Its row among the test images.
    public var image: Int
    public var label: Int
    public var baselinePrediction: Int
    public var armPrediction: Int
    /// Of the arm in its prediction.
    public var confidence: Double

    public init(image: Int, label: Int, baselinePrediction: Int, armPrediction: Int, confidence: Double) {
      (self.image, self.label, self.confidence) = (image, label, confidence)
      (self.baselinePrediction, self.armPrediction) = (baselinePrediction, armPrediction)
    }
  }

  public var rightToWrong: [Flip]
  public var wrongToRight: [Flip]
  public var classNames: [String]
  /// The pair of runs, for the subtitle.
  public var pair: String
  public var images: ImageSource

  public init(
    rightToWrong: [Flip], wrongToRight: [Flip], classNames: [String], pair: String, images: @escaping ImageSource
  ) {
    (self.rightToWrong, self.wrongToRight, self.classNames) = (rightToWrong, wrongToRight, classNames)
    (self.pair, self.images) = (pair, images)
  }

  /// Of each kind at most so many are drawn.
  public static let mostDrawn = 24
  private static let (columns, gap, textHeight, headingHeight, groupGap) = (8, 14.0, 46.0, 26.0, 14.0)

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let groups = [
      ("Right → wrong", rightToWrong), ("Wrong → right", wrongToRight),
    ].map {
      (heading: "\($0.0): \($0.1.count) image\($0.1.count == 1 ? "" : "s")", flips: Array($0.1.prefix(Self.mostDrawn)))
    }
    let first = groups.flatMap(\.flips).first
    let scale = ImageScale(64, for: first.map { images(ImageReference(.test, $0.image)) })
    let pitch = scale.side + Self.gap
    let room = Page.bodyRoom.isFinite ? Int((Page.bodyRoom + Self.gap) / pitch) : Self.columns
    let columns = max(1, min(Self.columns, room))
    func rows(_ count: Int) -> Int { (count + columns - 1) / columns }
    let rowHeight = scale.side + Self.textHeight
    let height = groups.reduce(Self.groupGap) { $0 + Self.headingHeight + Double(rows($1.flips.count)) * rowHeight }
    let page = Page(
      title: "Images that changed sides", subtitle: pair,
      caption:
        "Test images that exactly one of the two networks has right; the arm is most confident of the first ones. Below "
        + "each its class, what the network that is wrong takes it for, and the arm's confidence."
        + (max(rightToWrong.count, wrongToRight.count) > Self.mostDrawn
          ? " Of each kind \(Self.mostDrawn) are drawn." : "")
        + " They speak of these two networks, not of the methods.")
    let width = max(Double(columns) * pitch - Self.gap, Page.minimumWidth)
    let drawing = page.drawing(body: Size(width, height), ruler: ruler) { canvas, area in
      var y = area.y
      for group in groups {
        canvas.text(
          group.heading, at: Point(area.x, y + 4), font: Theme.heading, color: Theme.ink, vertical: .top)
        y += Self.headingHeight
        for (index, flip) in group.flips.enumerated() {
          let corner = Point(
            area.x + Double(index % columns) * pitch, y + Double(index / columns) * rowHeight)
          draw(flip, at: corner, scale, ruler: ruler, on: canvas)
        }
        y += Double(rows(group.flips.count)) * rowHeight + Self.groupGap
      }
    }
    return Figure(name: figureName(prefix: prefix, "flips"), title: page.title, drawing: drawing, table: table)
  }

  private func draw(_ flip: Flip, at corner: Point, _ scale: ImageScale, ruler: TextRuler, on canvas: Canvas) {
    let image = images(ImageReference(.test, flip.image))
    canvas.image(image, in: scale.rectangle(of: image, at: corner))
    let wrong = flip.armPrediction == flip.label ? flip.baselinePrediction : flip.armPrediction
    let lines = [
      (className(flip.label, classNames), Theme.ink), ("not " + className(wrong, classNames), Theme.secondary),
      ("\(decimal(100 * flip.confidence, 0)) %", Theme.secondary),
    ]
    for (index, line) in lines.enumerated() {
      canvas.text(
        ruler.fitted(line.0, font: Theme.small, width: scale.side + Self.gap - 3),
        at: Point(corner.x, corner.y + scale.side + 3 + Double(index) * 11), font: Theme.small, color: line.1,
        vertical: .top)
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["change", "image", "class", "baseline_prediction", "arm_prediction", "confidence"])
    for (change, flips) in [("right to wrong", rightToWrong), ("wrong to right", wrongToRight)] {
      for flip in flips {
        table.append([
          change, flip.image, className(flip.label, classNames), className(flip.baselinePrediction, classNames),
          className(flip.armPrediction, classNames), flip.confidence,
        ])
      }
    }
    return table
  }
}
