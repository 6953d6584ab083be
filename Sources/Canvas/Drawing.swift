//  A picture described once and rendered as pixels or as a vector document.

internal import CCairo
public import Foundation
public import Raster

/// What to draw and how large. The closure is run anew for each rendering, with equal results.
public struct Drawing {
  /// In units of 1/96 inch.
  public let size: Size
  private let draw: (Canvas) -> Void

  public init(width: Double, height: Double, draw: @escaping (Canvas) -> Void) {
    self.init(size: Size(width.rounded(.up), height.rounded(.up)), draw: draw)
  }

  private init(size: Size, draw: @escaping (Canvas) -> Void) {
    (self.size, self.draw) = (size, draw)
  }

  /// The same picture larger or smaller, lines and letters with it; not rounded to whole units.
  public func scaled(by factor: Double) -> Drawing {
    guard factor != 1 else { return self }
    return Drawing(size: Size(size.width * factor, size.height * factor)) { canvas in
      canvas.saved {
        canvas.scale(factor, factor)
        draw(canvas)
      }
    }
  }

  /// The picture as pixels; 192 dots per inch make each unit two pixels wide.
  public func image(dotsPerInch: Double = 96, scheme: ColorScheme = .light) -> Image {
    let scale = dotsPerInch / 96
    // A width in millimetres is seldom whole pixels; a hair more must not cost another one.
    func pixels(_ length: Double) -> Int { Int((length * scale - 1e-6).rounded(.up)) }
    return Image.drawn(width: pixels(size.width), height: pixels(size.height), scale: scale, scheme: scheme) { canvas in
      canvas.paint(.white)
      draw(canvas)
    }
  }

  /// The picture as an SVG document, texts as outlines.
  public func svg(scheme: ColorScheme = .light) -> Data {
    document(unitsPerUnit: 1, scheme: scheme) { write, closure, width, height in
      let surface = cairo_svg_surface_create_for_stream(write, closure, width, height)
      cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
      return surface
    }.withStableIdentifiers
  }

  /// What a PDF document says of itself.
  public struct Metadata: Sendable, Equatable {
    public var title = ""
    /// The program that made it.
    public var creator = ""
    public var subject = ""
    public var keywords = ""
    /// Left out if nil, so that the same drawing gives the same bytes at any time.
    public var created: Date?

    public init() {}
  }

  /// The picture as a PDF document of one page (PDF 1.4), texts as text in embedded subsets of the fonts.
  public func pdf(scheme: ColorScheme = .light, metadata: Metadata = Metadata()) -> Data {
    // A PDF document counts in points, 1/72 inch.
    document(unitsPerUnit: 0.75, scheme: scheme) { write, closure, width, height in
      let surface = cairo_pdf_surface_create_for_stream(write, closure, width, height)
      cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4)
      let created = metadata.created.map { $0.formatted(.iso8601) }
      let entries: [(cairo_pdf_metadata_t, String?)] = [
        (CAIRO_PDF_METADATA_TITLE, metadata.title), (CAIRO_PDF_METADATA_CREATOR, metadata.creator),
        (CAIRO_PDF_METADATA_SUBJECT, metadata.subject), (CAIRO_PDF_METADATA_KEYWORDS, metadata.keywords),
        (CAIRO_PDF_METADATA_CREATE_DATE, created),
      ]
      for (key, value) in entries {
        cairo_pdf_surface_set_metadata(surface, key, value)
      }
      return surface
    }
  }

  private typealias Write =
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t

  /// Draws on a surface that writes as it goes, and collects what it writes.
  /// - Parameter unitsPerUnit: what the document counts in, for each 1/96 inch.
  private func document(
    unitsPerUnit scale: Double, scheme: ColorScheme,
    surface: (Write, UnsafeMutableRawPointer, Double, Double) -> OpaquePointer?
  ) -> Data {
    final class Sink { var bytes = Data() }
    let sink = Sink()
    let write: Write = { closure, bytes, length in
      guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
      Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes.append(bytes, count: Int(length))
      return CAIRO_STATUS_SUCCESS
    }
    withExtendedLifetime(sink) {
      guard
        let surface = surface(
          write, Unmanaged.passUnretained(sink).toOpaque(), size.width * scale, size.height * scale)
      else { preconditionFailure("Cairo has no such surface") }
      let canvas = Canvas(surface: surface, scale: scale, scheme: scheme)
      canvas.scale(scale, scale)
      canvas.paint(.white)
      draw(canvas)
      cairo_surface_finish(surface)
    }
    return sink.bytes
  }

  /// Where everything came to lie.
  package func layout() -> Layout {
    var layout = Layout()
    _ = Image.drawn(width: 1, height: 1) { canvas in
      draw(canvas)
      layout = canvas.layout
    }
    return layout
  }
}

extension Image {
  /// An image drawn in memory, `width × height` pixels, each unit of the canvas `scale` pixels wide.
  public static func drawn(
    width: Int, height: Int, scale: Double = 1, scheme: ColorScheme = .light, draw: (Canvas) -> Void
  ) -> Image {
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      preconditionFailure("Cairo has no image surface")
    }
    let canvas = Canvas(surface: surface, scale: scale, scheme: scheme)
    canvas.scale(scale, scale)
    draw(canvas)
    cairo_surface_flush(surface)
    guard let data = cairo_image_surface_get_data(surface) else {
      preconditionFailure("Cairo could not draw \(width) × \(height) pixels")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for y in 0..<height {
        let row = UnsafeRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
          let pixel = row[x]
          let start = (y * width + x) * 3
          buffer[start] = UInt8(truncatingIfNeeded: pixel >> 16)
          buffer[start + 1] = UInt8(truncatingIfNeeded: pixel >> 8)
          buffer[start + 2] = UInt8(truncatingIfNeeded: pixel)
        }
      }
      count = width * height * 3
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
