//  A picture described once and rendered as pixels or as vectors.

internal import CCairo
public import Foundation
public import Raster

/// What to draw and how large. The closure is run anew for each rendering, with equal results.
public struct Drawing {
  /// In units of 1/96 inch.
  public let size: Size
  private let draw: (Canvas) -> Void

  public init(width: Double, height: Double, draw: @escaping (Canvas) -> Void) {
    (size, self.draw) = (Size(width.rounded(.up), height.rounded(.up)), draw)
  }

  /// The picture on white, as pixels; 192 dots per inch make each unit two pixels wide.
  public func image(dotsPerInch: Double = 96) -> Image {
    let scale = dotsPerInch / 96
    let (width, height) = (Int((size.width * scale).rounded(.up)), Int((size.height * scale).rounded(.up)))
    return Image.drawn(width: width, height: height, scale: scale) { canvas in
      canvas.paint(.white)
      draw(canvas)
    }
  }

  /// The picture on white as an SVG document, texts as outlines.
  public func svg() -> Data {
    final class Sink { var bytes = Data() }
    let sink = Sink()
    let write: cairo_write_func_t = { closure, bytes, length in
      guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
      Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes.append(bytes, count: Int(length))
      return CAIRO_STATUS_SUCCESS
    }
    withExtendedLifetime(sink) {
      guard
        let surface = cairo_svg_surface_create_for_stream(
          write, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
      else { preconditionFailure("Cairo has no SVG surface") }
      cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
      let canvas = Canvas(surface: surface, scale: 1)
      canvas.paint(.white)
      draw(canvas)
      cairo_surface_finish(surface)
    }
    return sink.bytes.withStableIdentifiers
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
  public static func drawn(width: Int, height: Int, scale: Double = 1, draw: (Canvas) -> Void) -> Image {
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      preconditionFailure("Cairo has no image surface")
    }
    let canvas = Canvas(surface: surface, scale: scale)
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
