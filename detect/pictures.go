package detect

import (
	"image"
	"image/color"
)

// PictureSide is the width and height of a Picture.
const PictureSide = 224

// Picture is one shape of one colour on white.
type Picture struct {
	// Colour and Shape are indices: pictures that share one share the colour's or the shape's name in Caption.
	Colour, Shape int
	// Caption says what the picture shows: "a red circle".
	Caption string
	// Image is PictureSide x PictureSide, opaque.
	Image *image.NRGBA
}

func pictureColours() []namedColour {
	return []namedColour{
		{"red", color.NRGBA{220, 20, 20, 255}}, {"green", color.NRGBA{20, 160, 40, 255}},
		{"blue", color.NRGBA{30, 60, 220, 255}}, {"yellow", color.NRGBA{250, 220, 20, 255}},
	}
}

type namedColour struct {
	name  string
	value color.NRGBA
}

type namedShape struct {
	name string
	// holds says whether a point is inside; the picture's middle is 0, 0, its edges are at +-1024.
	holds func(x, y int) bool
}

func pictureShapes() []namedShape {
	star := []point{
		{0, -800}, {188, -259}, {761, -247}, {304, 99}, {470, 647}, {0, 320}, {-470, 647}, {-304, 99}, {-761, -247},
		{-188, -259},
	}
	triangle := []point{{0, -700}, {780, 650}, {-780, 650}}
	return []namedShape{
		{"circle", func(x, y int) bool { return x*x+y*y < 700*700 }},
		{"square", func(x, y int) bool { return max(x, -x) < 620 && max(y, -y) < 620 }},
		{"triangle", func(x, y int) bool { return within(triangle, x, y) }},
		{"star", func(x, y int) bool { return within(star, x, y) }},
	}
}

type point struct{ x, y int }

// within is the even-odd rule: a ray to the right crosses the outline an odd number of times.
func within(outline []point, x, y int) bool {
	inside := false
	for i, a := range outline {
		b := outline[(i+1)%len(outline)]
		if (a.y > y) == (b.y > y) {
			continue
		}
		// The crossing is right of x where (b.x-a.x)*(y-a.y)/(b.y-a.y) + a.x > x, in whole numbers.
		d := b.y - a.y
		left := (b.x-a.x)*(y-a.y) - (x-a.x)*d
		if (d > 0) == (left > 0) && left != 0 {
			inside = !inside
		}
	}
	return inside
}

// Pictures draws the pictures: circle, square, triangle and star in red, green, blue and yellow, in whole numbers, so that
// they are the same bytes everywhere.
func Pictures() []Picture {
	var out []Picture
	for s, shape := range pictureShapes() {
		covered := coverage(shape)
		for c, colour := range pictureColours() {
			out = append(out, Picture{
				Colour: c, Shape: s, Caption: "a " + colour.name + " " + shape.name, Image: paint(covered, colour.value),
			})
		}
	}
	return out
}

// fine is how many points a pixel is sampled at, each way.
const fine = 2

// coverage counts for each pixel how many of its points lie in the shape, 0 to fine*fine.
func coverage(s namedShape) []int {
	out := make([]int, PictureSide*PictureSide)
	// The middle of a point's cell, in the 2048 units of a side.
	at := func(i int) int { return (2*i+1)*1024/(PictureSide*fine) - 1024 }
	for y := range PictureSide * fine {
		for x := range PictureSide * fine {
			if s.holds(at(x), at(y)) {
				out[y/fine*PictureSide+x/fine]++
			}
		}
	}
	return out
}

// paint mixes a colour with white by coverage.
func paint(covered []int, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, PictureSide, PictureSide))
	const all = fine * fine
	for i, n := range covered {
		mix := func(v uint8) uint8 { return uint8((int(v)*n + 255*(all-n) + all/2) / all) }
		m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2], m.Pix[4*i+3] = mix(c.R), mix(c.G), mix(c.B), 255
	}
	return m
}
