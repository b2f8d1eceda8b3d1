"""box - a scene for Blender 3: the picture as the cover of a box, on a transparent ground.

    blender --background --factory-startup --python-exit-code 1 --python box.py -- PICTURE RESULT
"""
import math
import sys

import bpy

DEPTH = 0.12  # of the box, in its longer side
CAMERA = (0.85, -2.1, 0.75)  # where it stands, in that side
SAMPLES = 64


def graphics_processor():
    """Lets Cycles render on the first kind of processor that is there; else the main one renders."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for kind in ("OPTIX", "CUDA", "HIP", "ONEAPI"):
        try:
            preferences.compute_device_type = kind
        except TypeError:  # this Blender does not know it
            continue
        preferences.get_devices()
        found = [device for device in preferences.devices if device.type == kind]
        for device in found:
            device.use = True
        if found:
            return "GPU"
    return "CPU"


def material(name, colour=None, image=None):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    surface = made.node_tree.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = 0.4
    if colour:
        surface.inputs["Base Color"].default_value = (*colour, 1)
    if image:
        texture = made.node_tree.nodes.new("ShaderNodeTexImage")
        texture.image = image
        made.node_tree.links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    return made


def build(image):
    longer = max(image.size)
    width, height = image.size[0] / longer, image.size[1] / longer
    bpy.ops.mesh.primitive_cube_add(size=1, location=(0, DEPTH / 2, height / 2))
    box = bpy.context.object
    box.scale = (width, DEPTH, height)
    box.data.materials.append(material("paper", colour=(0.9, 0.9, 0.9)))
    bpy.ops.mesh.primitive_plane_add(size=1, location=(0, -0.001, height / 2), rotation=(math.pi / 2, 0, 0))
    cover = bpy.context.object
    cover.scale = (width, height, 1)
    cover.data.materials.append(material("cover", image=image))
    bpy.ops.object.light_add(type="SUN", location=(1, -2, 3), rotation=(0.7, 0.2, 0.4))
    bpy.context.object.data.energy = 3
    bpy.ops.object.camera_add(location=CAMERA)
    camera = bpy.context.object
    looks = camera.constraints.new("TRACK_TO")
    looks.target, looks.track_axis, looks.up_axis = cover, "TRACK_NEGATIVE_Z", "UP_Y"
    return camera


def main(source, result):
    scene = bpy.context.scene
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing, do_unlink=True)
    image = bpy.data.images.load(source)
    scene.camera = build(image)
    scene.render.engine = "CYCLES"
    scene.cycles.device = graphics_processor()
    scene.cycles.samples = SAMPLES
    scene.view_settings.view_transform = "Standard"
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y = image.size
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = result
    bpy.ops.render.render(write_still=True)


main(*sys.argv[sys.argv.index("--") + 1:])
