//  A strip of images with nothing beside it but its number, for people who are to say what changes along it.

internal import Canvas
public import Foundation
internal import Raster
public import Results

/// One line of a walk without a word on what it is.
public struct BlindStrip {
  public var number: Int
  /// From left to right.
  public var shown: [ImageReference]
  public var images: ImageSource

  public init(number: Int, shown: [ImageReference], images: @escaping ImageSource) {
    (self.number, self.shown, self.images) = (number, shown, images)
  }

  /// Where it belongs among the others: `strip-007.png`.
  public var fileName: String {
    let digits = String(number)
    return "strip-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits + ".png"
  }

  /// The PNG file. It carries the number and nothing else that could give the strip away.
  public func png(dotsPerInch: Double = 192) -> Data {
    drawing.image(dotsPerInch: dotsPerInch).png(dotsPerInch: dotsPerInch, texts: ["Title": "Strip \(number)"])
  }

  var drawing: Drawing {
    let scale = ImageScale(96, for: shown.first.map(images))
    let (margin, gap, heading) = (16.0, 10.0, 26.0)
    let width = max(Double(shown.count) * (scale.side + gap) - gap, 60) + 2 * margin
    return Drawing(width: width, height: scale.side + heading + 2 * margin) { canvas in
      canvas.text("\(number)", at: Point(margin, margin), font: Theme.title, color: Theme.ink, vertical: .top)
      for (index, reference) in shown.enumerated() {
        let image = images(reference)
        canvas.image(
          image,
          in: scale.rectangle(of: image, at: Point(margin + Double(index) * (scale.side + gap), margin + heading)))
      }
    }
  }
}
