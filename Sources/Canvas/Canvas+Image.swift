//  Pictures made of pixels, on a canvas.

internal import CCairo
public import Raster

extension Canvas {
  /// Draws an image so that it fills `rectangle`, each of its pixels a sharp block. Among pixels the rectangle is
  /// moved to whole ones; choose its size a whole multiple of the image's for blocks of equal size.
  public func image(_ image: Image, in rectangle: Rectangle) {
    var (x, y, width, height) = (rectangle.x, rectangle.y, rectangle.width, 0.0)
    if !isVector {
      cairo_user_to_device(context, &x, &y)
      (x, y) = (x.rounded(), y.rounded())
      cairo_device_to_user(context, &x, &y)
    }
    cairo_user_to_device_distance(context, &width, &height)
    // Enlarged here by whole numbers, so that viewers of a vector document have nothing left to smooth.
    let factor = max(1, Int((max(width, 2 * rectangle.width) / Double(image.width)).rounded()))
    let blocks = image.enlarged(by: factor)
    guard
      let source = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(blocks.width), Int32(blocks.height)),
      let data = cairo_image_surface_get_data(source)
    else { preconditionFailure("Cairo could not hold \(blocks.width) × \(blocks.height) pixels") }
    defer { cairo_surface_destroy(source) }
    let stride = Int(cairo_image_surface_get_stride(source))
    for row in 0..<blocks.height {
      let target = UnsafeMutableRawPointer(data + row * stride).assumingMemoryBound(to: UInt32.self)
      for column in 0..<blocks.width {
        let (red, green, blue) = blocks[column, row]
        target[column] = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
      }
    }
    cairo_surface_mark_dirty(source)
    layout.images.append(onPage(Rectangle(x: x, y: y, width: rectangle.width, height: rectangle.height)))
    saved {
      translate(x, y)
      scale(rectangle.width / Double(blocks.width), rectangle.height / Double(blocks.height))
      cairo_set_source_surface(context, source, 0, 0)
      cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
      self.rectangle(Rectangle(x: 0, y: 0, width: Double(blocks.width), height: Double(blocks.height)))
      cairo_fill(context)
    }
  }
}
