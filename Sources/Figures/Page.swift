//  A figure's page: title and subtitle at the left, the body, and below it a caption that says how to read it.

internal import Canvas

struct Page {
  static let margin = 28.0
  /// How wide a page may be if it is to be shown at a certain width (see `FigureForm`); nil for as wide as it likes.
  @TaskLocal static var room: Double?

  /// How wide a body may be, for figures that can arrange themselves in more than one way.
  static var bodyRoom: Double { (room ?? .infinity) - 2 * margin }

  /// Narrower bodies stand on a page that still holds a readable caption.
  static var minimumWidth: Double { min(420, bodyRoom) }

  let title: String
  let subtitle: String
  let caption: String

  /// Room for the body is exactly `body`; `draw` gets its rectangle on the page.
  func drawing(body: Size, ruler: TextRuler, draw: @escaping (Canvas, Rectangle) -> Void) -> Drawing {
    let width = max(body.width, Self.minimumWidth)
    let titles = ruler.lines(of: title, font: Theme.title, width: width)
    let subtitles = ruler.lines(of: subtitle, font: Theme.subtitle, width: width)
    let captions = ruler.lines(of: caption, font: Theme.caption, width: min(width, 760))
    let (titleHeight, subtitleHeight, captionHeight) = (22.0, 16.0, 14.5)

    let top =
      Self.margin + Double(titles.count) * titleHeight + Double(subtitles.count) * subtitleHeight + 16
    let captionTop = top + body.height + (captions.isEmpty ? 0 : 18)
    let height = captionTop + Double(captions.count) * captionHeight + Self.margin - 4
    return Drawing(width: width + 2 * Self.margin, height: height) { canvas in
      var y = Self.margin
      for line in titles {
        canvas.text(line, at: Point(Self.margin, y), font: Theme.title, color: Theme.ink, vertical: .top)
        y += titleHeight
      }
      for line in subtitles {
        canvas.text(line, at: Point(Self.margin, y), font: Theme.subtitle, color: Theme.secondary, vertical: .top)
        y += subtitleHeight
      }
      draw(canvas, Rectangle(x: Self.margin, y: top, width: body.width, height: body.height))
      y = captionTop
      for line in captions {
        canvas.text(line, at: Point(Self.margin, y), font: Theme.caption, color: Theme.secondary, vertical: .top)
        y += captionHeight
      }
    }
  }
}
