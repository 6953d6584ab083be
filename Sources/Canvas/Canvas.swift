//  Cairo wrapped once. A canvas is a surface with Cairo's drawing state; shapes are built as a current path
//  and then filled, stroked or used as a clip, as in Cairo, PostScript and PDF.

internal import CCairo

/// A surface to draw on. Made by `Drawing`, or directly over a small image in memory.
///
/// Units are 1/96 inch (one CSS pixel) times the scale it was made with; y grows downwards. Not thread-safe:
/// each thread draws on a canvas of its own.
public final class Canvas {
  let surface: OpaquePointer
  let context: OpaquePointer
  /// Device units for each unit of the page: pixels, and for a vector surface whatever the document counts in.
  public let scale: Double
  /// How colours are shown.
  public let scheme: ColorScheme
  // Faces of this canvas alone, because FreeType faces must not be shared between threads.
  private(set) lazy var regularFace = FontFace(.regular)
  private(set) lazy var semiboldFace = FontFace(.semibold)
  /// Everything placed so far, for tests of a figure's layout.
  package internal(set) var layout = Layout()

  init(surface: OpaquePointer, scale: Double, scheme: ColorScheme = .light) {
    self.surface = surface
    self.scale = scale
    self.scheme = scheme
    context = cairo_create(surface)
    precondition(
      cairo_status(context) == CAIRO_STATUS_SUCCESS,
      "Cairo: \(String(cString: cairo_status_to_string(cairo_status(context))))")
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    // Advances as the font has them, not rounded to pixels: a text is as wide at every resolution.
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// Whether a document is written, which has no pixels to keep to.
  var isVector: Bool { cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE }

  // MARK: State

  /// Runs `body` and then puts back transformation, clip and line settings.
  public func saved<Result>(_ body: () throws -> Result) rethrows -> Result {
    cairo_save(context)
    defer { cairo_restore(context) }
    return try body()
  }

  public func translate(_ x: Double, _ y: Double) { cairo_translate(context, x, y) }
  public func scale(_ x: Double, _ y: Double) { cairo_scale(context, x, y) }
  /// Turns what follows by `radians`, clockwise on the page.
  public func rotate(_ radians: Double) { cairo_rotate(context, radians) }

  // MARK: Path

  public func move(_ x: Double, _ y: Double) { cairo_move_to(context, x, y) }
  public func line(_ x: Double, _ y: Double) { cairo_line_to(context, x, y) }
  public func curve(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ x: Double, _ y: Double) {
    cairo_curve_to(context, x1, y1, x2, y2, x, y)
  }
  public func closePath() { cairo_close_path(context) }

  /// An arc about a centre, angles in radians clockwise from three o'clock, joined to the current point if any.
  public func arc(_ x: Double, _ y: Double, radius: Double, from start: Double, to end: Double) {
    cairo_arc(context, x, y, radius, start, end)
  }

  public func circle(_ x: Double, _ y: Double, radius: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, x, y, radius, 0, 2 * .pi)
    cairo_close_path(context)
  }

  public func ellipse(_ x: Double, _ y: Double, _ radiusX: Double, _ radiusY: Double) {
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_scale(context, radiusX, radiusY)
    circle(0, 0, radius: 1)
    cairo_restore(context)
  }

  public func rectangle(_ rectangle: Rectangle) {
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
  }

  public func roundedRectangle(_ rectangle: Rectangle, radius: Double) {
    let (left, top, right, bottom) = (rectangle.x, rectangle.y, rectangle.maxX, rectangle.maxY)
    let r = min(radius, rectangle.width / 2, rectangle.height / 2)
    cairo_new_sub_path(context)
    cairo_arc(context, right - r, top + r, r, -.pi / 2, 0)
    cairo_arc(context, right - r, bottom - r, r, 0, .pi / 2)
    cairo_arc(context, left + r, bottom - r, r, .pi / 2, .pi)
    cairo_arc(context, left + r, top + r, r, .pi, 3 * .pi / 2)
    cairo_close_path(context)
  }

  public func polygon(_ points: [Point], closed: Bool = true) {
    guard let first = points.first else { return }
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    if closed { cairo_close_path(context) }
  }

  // MARK: Paint

  /// Fills the path and ends it; `keepingPath` leaves it for a stroke.
  public func fill(_ color: Color, keepingPath: Bool = false) {
    use(color)
    keepingPath ? cairo_fill_preserve(context) : cairo_fill(context)
  }

  /// Fills the path with colours blended along the line from `start` to `end`; stops run from 0 to 1.
  public func fill(from start: Point, to end: Point, _ stops: [(offset: Double, color: Color)]) {
    guard let pattern = cairo_pattern_create_linear(start.x, start.y, end.x, end.y) else { return }
    fill(pattern, stops)
  }

  /// Fills the path with colours blended outwards from `center`; stops run from 0 at the centre to 1 at `radius`.
  public func fill(around center: Point, radius: Double, _ stops: [(offset: Double, color: Color)]) {
    guard let pattern = cairo_pattern_create_radial(center.x, center.y, 0, center.x, center.y, radius) else { return }
    fill(pattern, stops)
  }

  private func fill(_ pattern: OpaquePointer, _ stops: [(offset: Double, color: Color)]) {
    for (offset, color) in stops {
      let color = scheme.shown(color)
      cairo_pattern_add_color_stop_rgba(pattern, offset, color.red, color.green, color.blue, color.opacity)
    }
    cairo_set_source(context, pattern)
    cairo_pattern_destroy(pattern)
    cairo_fill(context)
  }

  /// Strokes the path and ends it. `dash` lists lengths of strokes and gaps.
  public func stroke(_ color: Color, width: Double, dash: [Double] = []) {
    use(color)
    cairo_set_line_width(context, width)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_stroke(context)
  }

  /// Paints the whole clip.
  public func paint(_ color: Color) {
    use(color)
    cairo_paint(context)
  }

  /// Limits what follows, until the end of `saved`, to the inside of the path.
  public func clip() { cairo_clip(context) }

  func use(_ color: Color) {
    let color = scheme.shown(color)
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.opacity)
  }
}
